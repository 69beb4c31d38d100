package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.BYTES;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Runs tiles and puts their results where they belong: straight into the output where the whole
/// tile exists and nothing is added to, else by way of a small buffer from which only the real rows
/// and columns are copied or added.
final class TileSink {
  private static final long FLOATS = 8L * Tiles.MAX_VECTORS * Lanes.COUNT;

  private TileSink() {}

  /// Computes the tile of panel `panel` that begins at row `row`.
  ///
  /// @param rows how many of the tile's rows exist; the operands have offsets for all of them
  static void run(
      Panel panel,
      Tiles.Operands operands,
      int row,
      Tiles.Place place,
      long aShift,
      long bShift,
      int from,
      int to,
      int length,
      int rows,
      boolean accumulate) {
    int vectors = panel.vectors();
    assert inside(panel, operands, row, place, aShift, bShift, from, to, length, rows);
    if (!accumulate && panel.full() && rows == Tiles.rows(vectors)) {
      Tiles.run(vectors, operands, row, place, aShift, bShift, from, to, length);
      return;
    }
    MemorySegment tile = Scratch.floats(Scratch.Slot.TILE, FLOATS);
    long[] own = Tiles.rows(Tiles.rows(vectors), vectors * BYTES);
    Tiles.Place aside = new Tiles.Place(tile, own, 0, 0);
    Tiles.run(vectors, operands, row, aside, aShift, bShift, from, to, length);
    for (int r = 0; r < rows; r++) {
      long target = place.cRow()[place.first() + r] + place.shift();
      copy(tile, own[r], place.c(), target, panel.columns(), accumulate);
    }
  }

  private static void copy(
      MemorySegment from, long source, MemorySegment to, long target, int count, boolean add) {
    int j = 0;
    for (; j + Lanes.COUNT <= count; j += Lanes.COUNT) {
      FloatVector value = FloatVector.fromMemorySegment(F32, from, source + j * 4L, ORDER);
      if (add) {
        value = FloatVector.fromMemorySegment(F32, to, target + j * 4L, ORDER).add(value);
      }
      value.intoMemorySegment(to, target + j * 4L, ORDER);
    }
    for (; j < count; j++) {
      float value = from.get(Lanes.FLOAT, source + j * 4L);
      if (add) {
        value += to.get(Lanes.FLOAT, target + j * 4L);
      }
      to.set(Lanes.FLOAT, target + j * 4L, value);
    }
  }

  /// Whether the tile stays inside its operands; tiles do not check.
  private static boolean inside(
      Panel panel,
      Tiles.Operands o,
      int row,
      Tiles.Place place,
      long aShift,
      long bShift,
      int from,
      int to,
      int length,
      int rows) {
    if (length == 0) {
      return true;
    }
    boolean in = true;
    for (int t = from; t < to; t++) {
      for (int r = row; r < row + Tiles.rows(panel.vectors()); r++) {
        long a = aShift + o.aOff()[t] + o.aRow()[r];
        in &= a >= 0 && a + (length - 1) * o.aStep() + 4 <= o.a().byteSize();
      }
      long b = bShift + o.bOff()[t];
      long end = b + (length - 1) * o.bStep() + panel.vectors() * BYTES;
      in &= b >= 0 && end <= o.b().byteSize();
    }
    for (int r = place.first(); r < place.first() + rows; r++) {
      long c = place.shift() + place.cRow()[r];
      in &= c >= 0 && c + panel.columns() * 4L <= place.c().byteSize();
    }
    return in;
  }
}
