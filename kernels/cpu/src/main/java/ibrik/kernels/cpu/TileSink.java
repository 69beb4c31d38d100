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
  private static final long FLOATS = 8L * Tile.MAX_VECTORS * Lanes.COUNT;

  private TileSink() {}

  /// Computes the tile of panel `panel` that begins at row `row` of the operands.
  ///
  /// @param rows how many of the tile's rows are wanted; the operands have all of them
  static void run(
      Panel panel,
      Tile operands,
      int row,
      Tile.Place place,
      long aShift,
      long bShift,
      int from,
      int to,
      int length,
      int rows,
      boolean accumulate) {
    int vectors = panel.vectors();
    assert length == 0 || operands.inside(vectors, row, aShift, bShift, from, to, length);
    assert inside(panel, place, rows);
    if (!accumulate && panel.full() && rows == Tile.rows(vectors)) {
      operands.run(vectors, row, place, aShift, bShift, from, to, length);
      return;
    }
    MemorySegment tile = Scratch.floats(Scratch.Slot.TILE, FLOATS);
    long[] own = Tile.rows(Tile.rows(vectors), vectors * BYTES);
    Tile.Place aside = new Tile.Place(tile, own, 0, 0);
    operands.run(vectors, row, aside, aShift, bShift, from, to, length);
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

  /// Whether all rows that are wanted lie in the output; tiles do not check.
  private static boolean inside(Panel panel, Tile.Place place, int rows) {
    boolean in = true;
    for (int r = place.first(); r < place.first() + rows; r++) {
      long c = place.shift() + place.cRow()[r];
      in &= c >= 0 && c + panel.columns() * 4L <= place.c().byteSize();
    }
    return in;
  }
}
