package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.BYTES;
import static ibrik.kernels.cpu.Lanes.COUNT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The weight gradient of a convolution of narrow groups: sums over pixels of vectors of dy times
/// vectors of the inputs that [Spread] lays side by side. Tasks are parts of the images, each with
/// a sum of its own; the sums are added in order.
final class GroupedBackwardWeight {
  /// Largest number of sums.
  private static final int SPLITS = 16;

  private final ConvShape d;
  private final Window window;
  private final Grouping grouping;
  private final Spread spread;
  private final int height;
  private final int blocks;
  private final Spread.Places full;
  private final Spread.Places last;

  private GroupedBackwardWeight(ConvShape d) {
    this.d = d;
    window = new Window(d.frames().forward(), d.rows().forward(), d.columns().forward());
    grouping = new Grouping(d.groups(), d.groupChannels(), d.groupKernels());
    spread = new Spread(window, grouping);
    height = spread.rowsPerBlock();
    blocks = Math.ceilDiv(d.rows().out(), height);
    full = places(height);
    last = places(d.rows().out() - (blocks - 1) * height);
  }

  static void run(CpuPool pool, ConvShape d, MemorySegment x, MemorySegment dy, MemorySegment dw) {
    new GroupedBackwardWeight(d).run(pool, x, dy, dw);
  }

  /// The taps are made whole tiles: what the last one is repeated for is not used.
  private Spread.Places places(int rows) {
    // Where a pixel has fewer channels than a vector has lanes, a copy of dy is read.
    long column = dense() ? d.k() : COUNT;
    Spread.Places places = spread.places(rows, d.columns().out() * column, column);
    long[] taps = Arrays.copyOf(places.taps(), sums());
    Arrays.fill(taps, places.taps().length, taps.length, places.taps()[places.taps().length - 1]);
    return new Spread.Places(places.pixels(), places.in(), places.out(), taps);
  }

  private boolean dense() {
    return grouping.lanes() == COUNT;
  }

  /// Vectors of a slot's sums.
  private int sums() {
    int vectors = d.taps() * grouping.ins();
    return Math.ceilDiv(vectors, GroupTiles.TAPS) * GroupTiles.TAPS;
  }

  private void run(CpuPool pool, MemorySegment x, MemorySegment dy, MemorySegment dw) {
    int units = d.n() * d.frames().out() * blocks;
    long floats = (long) grouping.slots() * sums() * COUNT;
    int splits = Math.min(units, SPLITS);
    MemorySegment partials = Scratch.floats(Scratch.Slot.PARTIAL, floats * splits);
    pool.run(
        splits,
        split -> {
          MemorySegment own = partials.asSlice(split * floats * 4, floats * 4);
          own.fill((byte) 0);
          for (int unit = (int) ((long) units * split / splits);
              unit < (long) units * (split + 1) / splits;
              unit++) {
            unit(x, dy, unit / blocks, unit % blocks * height, own);
          }
        });
    for (int split = 1; split < splits; split++) {
      Vectors.addInto(partials, 0, partials, split * floats * 4, floats);
    }
    unpack(partials, dw);
  }

  /// Some rows of image `n`, all slots.
  private void unit(MemorySegment x, MemorySegment dy, int n, int top, MemorySegment sums) {
    boolean whole = top + height <= d.rows().out();
    Spread.Places places = whole ? full : last;
    int count = places.pixels() / d.columns().out();
    MemorySegment padded = spread.room(height);
    spread.border(n, top, count, padded);
    long first = (n * d.outPixels() + (long) top * d.columns().out()) * d.k() * 4;
    MemorySegment gradient = dense() ? dy : widened(dy, first, places.pixels());
    for (int slot = 0; slot < grouping.slots(); slot++) {
      spread.copy(x, n, top, count, slot, padded);
      assert GroupTiles.inside(padded, places, sums, (long) slot * places.taps().length * BYTES);
      for (int tap = 0; tap < places.taps().length; tap += GroupTiles.TAPS) {
        GroupTiles.weights(
            padded,
            places.in(),
            gradient,
            places.out(),
            dense() ? first + grouping.start(slot) * 4L : 0,
            places.pixels(),
            places.taps(),
            tap,
            sums,
            ((long) slot * places.taps().length + tap) * BYTES);
      }
    }
  }

  /// A copy of some pixels of dy, each as wide as a vector.
  private MemorySegment widened(MemorySegment dy, long first, int pixels) {
    MemorySegment wide = Scratch.floats(Scratch.Slot.GRADIENT, (long) pixels * COUNT);
    wide.asSlice(0, pixels * BYTES).fill((byte) 0);
    for (int i = 0; i < pixels; i++) {
      MemorySegment.copy(dy, first + (long) i * d.k() * 4L, wide, i * BYTES, d.k() * 4L);
    }
    return wide;
  }

  /// From lanes of slots to `dw [K,T,R,S,C/groups]`.
  private void unpack(MemorySegment sums, MemorySegment dw) {
    int vectors = d.taps() * grouping.ins();
    for (int k = 0; k < d.k(); k++) {
      int slot = Math.min(k / COUNT, grouping.slots() - 1);
      long from = (long) slot * sums() * BYTES + (k - grouping.start(slot)) * 4L;
      for (int i = 0; i < vectors; i++) {
        float sum = sums.get(Lanes.FLOAT, from + i * BYTES);
        dw.set(Lanes.FLOAT, ((long) k * vectors + i) * 4, sum);
      }
    }
  }
}
