package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.BYTES;
import static ibrik.kernels.cpu.Lanes.COUNT;

import java.lang.foreign.MemorySegment;

/// What [Correlation] is for wide groups, for all groups of a [Grouping] at once. A task takes some
/// rows of an image, or some images, and goes through them slot by slot: it spreads the inputs of a
/// slot in a padded copy and runs [GroupTiles] over it.
record GroupedCorrelation(Window window, Grouping grouping) {
  /// Multiplications per task.
  private static final long TASK = 1 << 20;

  /// Runs over `images` output frames of all videos, with weights packed by the grouping.
  void run(CpuPool pool, int images, MemorySegment in, MemorySegment packed, Window.Target out) {
    int rows = window.rows().out();
    if (images == 0 || rows <= 0 || window.columns().out() <= 0) {
      return;
    }
    Spread spread = new Spread(window, grouping);
    int height = spread.rowsPerBlock();
    int blocks = Math.ceilDiv(rows, height);
    Spread.Places full = spread.places(height, out.row(), out.column());
    int rest = rows - (blocks - 1) * height;
    Spread.Places last = rest == height ? full : spread.places(rest, out.row(), out.column());
    long work = (long) full.pixels() * full.taps().length * grouping.out();
    int units = images * blocks;
    int perTask = Math.clamp(TASK / Math.max(work, 1), 1, units);
    pool.run(
        Math.ceilDiv(units, perTask),
        task -> {
          for (int unit = task * perTask; unit < Math.min(units, (task + 1) * perTask); unit++) {
            int n = unit / blocks;
            int top = unit % blocks * height;
            boolean whole = top + height <= rows;
            MemorySegment padded = spread.room(height);
            int count = whole ? height : rest;
            spread.border(n, top, count, padded);
            long shift = (window.at(n, out) + top * out.row()) * 4;
            for (int slot = 0; slot < grouping.slots(); slot++) {
              spread.copy(in, n, top, count, slot, padded);
              tiles(padded, whole ? full : last, packed, slot, out.data(), shift);
            }
          }
        });
  }

  private void tiles(
      MemorySegment padded,
      Spread.Places places,
      MemorySegment packed,
      int slot,
      MemorySegment out,
      long shift) {
    long weights = (long) slot * places.taps().length * BYTES;
    long target = shift + grouping.start(slot) * 4L;
    boolean direct = grouping.lanes() == COUNT;
    // Where a pixel has fewer channels than a vector has lanes, tiles are put together aside.
    MemorySegment tile =
        direct ? out : Scratch.floats(Scratch.Slot.TILE, (long) GroupTiles.PIXELS * COUNT);
    long[] aside = Tile.rows(GroupTiles.PIXELS, BYTES);
    assert GroupTiles.inside(padded, places, packed, weights);
    for (int pixel = 0; pixel < places.pixels(); pixel += GroupTiles.PIXELS) {
      // The last tile repeats outputs of its neighbour.
      int first = Math.max(Math.min(pixel, places.pixels() - GroupTiles.PIXELS), 0);
      GroupTiles.outputs(
          padded,
          places.in(),
          first,
          places.taps(),
          packed,
          weights,
          tile,
          direct ? places.out() : aside,
          direct ? first : 0,
          direct ? target : 0);
      for (int i = 0; i < GroupTiles.PIXELS && !direct; i++) {
        long to = target + places.out()[first + i];
        MemorySegment.copy(tile, i * BYTES, out, to, grouping.lanes() * 4L);
      }
    }
  }
}
