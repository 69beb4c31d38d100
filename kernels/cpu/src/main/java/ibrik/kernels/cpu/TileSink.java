package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.BYTES;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Runs tiles and puts their results where they belong: straight into the output where the whole
/// tile exists, else by way of a small buffer from which only the real rows and columns are copied.
final class TileSink {
  private TileSink() {}

  /// Computes one tile of panel `panel`.
  ///
  /// @param rows how many of the tile's rows exist
  /// @param c output; `cOff` is the byte offset of the tile's first element, `cRow` that between
  ///   rows
  static void run(
      Panel panel,
      Tiles.Operands operands,
      long aShift,
      long bShift,
      int from,
      int to,
      int length,
      int rows,
      MemorySegment c,
      long cOff,
      long cRow,
      boolean accumulate) {
    int vectors = panel.vectors();
    if (panel.full() && rows == Tiles.rows(vectors)) {
      Tiles.run(vectors, operands, aShift, bShift, from, to, length, c, cOff, cRow, accumulate);
      return;
    }
    int allRows = Tiles.rows(vectors);
    long tileRow = vectors * BYTES;
    MemorySegment tile = Scratch.floats(Scratch.Slot.TILE, 32L * 3 * Lanes.COUNT);
    Tiles.run(vectors, operands, aShift, bShift, from, to, length, tile, 0, tileRow, false);
    for (int r = 0; r < Math.min(rows, allRows); r++) {
      long source = r * tileRow;
      long target = cOff + r * cRow;
      int columns = panel.columns();
      int j = 0;
      for (; j + Lanes.COUNT <= columns; j += Lanes.COUNT) {
        FloatVector value = FloatVector.fromMemorySegment(F32, tile, source + j * 4L, ORDER);
        if (accumulate) {
          value = FloatVector.fromMemorySegment(F32, c, target + j * 4L, ORDER).add(value);
        }
        value.intoMemorySegment(c, target + j * 4L, ORDER);
      }
      for (; j < columns; j++) {
        float value = tile.get(Lanes.FLOAT, source + j * 4L);
        if (accumulate) {
          value += c.get(Lanes.FLOAT, target + j * 4L);
        }
        c.set(Lanes.FLOAT, target + j * 4L, value);
      }
    }
  }
}
