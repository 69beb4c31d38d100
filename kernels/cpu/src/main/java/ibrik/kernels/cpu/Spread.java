package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.BYTES;
import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/// Copies the inputs of one slot of a [Grouping] into a padded window, each input channel into the
/// lanes of all outputs that read it. A pixel of the copy has `ins` vectors; the outputs of a slot
/// are then sums of vectors times vectors.
final class Spread {
  /// Bytes of inputs at a time.
  private static final long CACHE = 256 << 10;

  private final Window window;
  private final Grouping grouping;
  private final int width;
  private final int left;
  private final int inside;
  private final List<List<Part>> parts = new ArrayList<>();

  Spread(Window window, Grouping grouping) {
    this.window = window;
    this.grouping = grouping;
    Sweep columns = window.columns();
    width = window.width();
    left = Math.clamp(-columns.taps()[0], 0, width);
    inside = Math.clamp((long) columns.in() - columns.taps()[0] - left, 0, width - left);
    for (int slot = 0; slot < grouping.slots(); slot++) {
      for (int e = 0; e < grouping.ins(); e++) {
        parts.add(parts(slot, e));
      }
    }
  }

  /// The lanes of a vector that come from one vector of input channels.
  ///
  /// @param channel first channel of that vector
  /// @param from the lane there of each lane here
  /// @param here which lanes these are
  private record Part(int channel, int[] from, boolean[] here) {}

  /// What the `e`-th vector of a pixel is made of: one part, unless the groups have more inputs
  /// than outputs.
  private List<Part> parts(int slot, int e) {
    List<Part> found = new ArrayList<>();
    for (int lane = 0; lane < COUNT; ) {
      int first = channel(slot, e, lane);
      int start = Math.max(Math.min(first, grouping.in() - COUNT), 0);
      int[] from = new int[COUNT];
      boolean[] here = new boolean[COUNT];
      for (; lane < COUNT && channel(slot, e, lane) < start + COUNT; lane++) {
        from[lane] = channel(slot, e, lane) - start;
        here[lane] = true;
      }
      found.add(new Part(start, from, here));
    }
    return found;
  }

  private int channel(int slot, int e, int lane) {
    return grouping.in(grouping.out(slot, lane), e);
  }

  /// Bytes of a pixel of the copy.
  long pixelBytes() {
    return grouping.ins() * BYTES;
  }

  /// Rows of outputs of one image whose inputs stay in the second-level cache, both all channels
  /// where they come from and the slot in the copy; about as many in every block.
  int rowsPerBlock() {
    int rows = window.rows().out();
    long pixel = Math.max(grouping.in() * 4L, pixelBytes());
    int height = rows;
    while (height > 1 && window.pixels(height) * pixel > CACHE) {
      height = Math.ceilDiv(height, 2);
    }
    return Math.ceilDiv(rows, Math.ceilDiv(rows, height));
  }

  /// Room for the copy behind `height` rows of outputs.
  MemorySegment room(int height) {
    return Scratch.floats(Scratch.Slot.IMAGE, window.pixels(height) * grouping.ins() * COUNT);
  }

  /// What lies where for `height` rows of outputs, in bytes; at least a tile of pixels, the last
  /// one repeated.
  ///
  /// @param in the first input of each output, in the copy
  /// @param out each output, from the first one on
  /// @param taps from the first input to that of each tap and vector
  record Places(int pixels, long[] in, long[] out, long[] taps) {}

  /// Places for outputs `row` floats from row to row and `column` from column to column.
  Places places(int height, long row, long column) {
    int columns = window.columns().out();
    int pixels = height * columns;
    long[] in = new long[Math.max(pixels, GroupTiles.PIXELS)];
    long[] out = new long[in.length];
    for (int i = 0; i < in.length; i++) {
      int y = Math.min(i, pixels - 1) / columns;
      int x = Math.min(i, pixels - 1) % columns;
      in[i] =
          (long) (y * window.rows().step() * width + x * window.columns().step()) * pixelBytes();
      out[i] = (y * row + x * column) * 4;
    }
    long[] pixelTaps = window.taps(height);
    long[] taps = new long[pixelTaps.length * grouping.ins()];
    for (int i = 0; i < taps.length; i++) {
      taps[i] = (pixelTaps[i / grouping.ins()] * grouping.ins() + i % grouping.ins()) * BYTES;
    }
    return new Places(pixels, in, out, taps);
  }

  /// Writes zeros where the window of outputs `top ... top+height-1` of image `n` leaves the image.
  /// The slots of one window leave them alone.
  void border(int n, int top, int height, MemorySegment to) {
    Sweep rows = window.rows();
    int count = rows.width(height);
    for (int t = 0; t < window.frames().taps().length; t++) {
      boolean there = window.frame(n, t) >= 0;
      for (int i = 0; i < count; i++) {
        int y = rows.start(top) + i;
        long row = ((long) t * count + i) * width * pixelBytes();
        boolean inRow = there && y >= 0 && y < rows.in();
        zero(to, row, (inRow ? left : width) * pixelBytes());
        if (inRow) {
          zero(to, row + (left + inside) * pixelBytes(), (width - left - inside) * pixelBytes());
        }
      }
    }
  }

  private static void zero(MemorySegment to, long from, long bytes) {
    FloatVector zero = FloatVector.zero(F32);
    for (long at = from; at < from + bytes; at += BYTES) {
      zero.intoMemorySegment(to, at, ORDER);
    }
  }

  /// Copies the inputs of `slot` behind outputs `top ... top+height-1` of image `n`.
  void copy(MemorySegment in, int n, int top, int height, int slot, MemorySegment to) {
    Sweep rows = window.rows();
    int y0 = rows.start(top);
    int first = Math.max(y0, 0);
    int count = Math.min(y0 + rows.width(height), rows.in()) - first;
    if (inside == 0 || count <= 0) {
      return;
    }
    int columns = window.columns().in();
    int x0 = window.columns().taps()[0] + left;
    for (int t = 0; t < window.frames().taps().length; t++) {
      int frame = window.frame(n, t);
      if (frame >= 0) {
        long from = (((long) frame * rows.in() + first) * columns + x0) * grouping.in() * 4;
        long row = (long) t * rows.width(height) + first - y0;
        pixels(in, from, to, (row * width + left) * pixelBytes(), count, slot);
      }
    }
  }

  private void pixels(
      MemorySegment in, long from, MemorySegment to, long target, int rows, int slot) {
    long fromRow = (long) window.columns().in() * grouping.in() * 4;
    long toRow = width * pixelBytes();
    for (int e = 0; e < grouping.ins(); e++) {
      List<Part> sources = parts.get(slot * grouping.ins() + e);
      for (int i = 0; i < sources.size(); i++) {
        Part part = sources.get(i);
        long start = from + part.channel * 4L;
        long place = target + e * BYTES;
        if (grouping.in() < COUNT) {
          scalar(in, start, fromRow, to, place, toRow, rows, part.from);
        } else if (i == 0) {
          first(in, start, fromRow, to, place, toRow, rows, part.from);
        } else {
          further(in, start, fromRow, to, place, toRow, rows, part);
        }
      }
    }
  }

  private void first(
      MemorySegment in,
      long from,
      long fromRow,
      MemorySegment to,
      long target,
      long toRow,
      int rows,
      int[] lanes) {
    VectorShuffle<Float> order = VectorShuffle.fromArray(F32, lanes, 0);
    long fromPixel = grouping.in() * 4L;
    long toPixel = pixelBytes();
    int pixels = inside;
    for (int y = 0; y < rows; y++) {
      long a = from + y * fromRow;
      long b = target + y * toRow;
      for (int x = 0; x < pixels; x++, a += fromPixel, b += toPixel) {
        FloatVector.fromMemorySegment(F32, in, a, ORDER)
            .rearrange(order)
            .intoMemorySegment(to, b, ORDER);
      }
    }
  }

  /// Lanes that another vector of input channels holds.
  private void further(
      MemorySegment in,
      long from,
      long fromRow,
      MemorySegment to,
      long target,
      long toRow,
      int rows,
      Part part) {
    VectorShuffle<Float> order = VectorShuffle.fromArray(F32, part.from, 0);
    VectorMask<Float> here = VectorMask.fromArray(F32, part.here, 0);
    long fromPixel = grouping.in() * 4L;
    long toPixel = pixelBytes();
    int pixels = inside;
    for (int y = 0; y < rows; y++) {
      long a = from + y * fromRow;
      long b = target + y * toRow;
      for (int x = 0; x < pixels; x++, a += fromPixel, b += toPixel) {
        FloatVector more = FloatVector.fromMemorySegment(F32, in, a, ORDER).rearrange(order);
        FloatVector.fromMemorySegment(F32, to, b, ORDER)
            .blend(more, here)
            .intoMemorySegment(to, b, ORDER);
      }
    }
  }

  /// Images of fewer channels than lanes.
  private void scalar(
      MemorySegment in,
      long from,
      long fromRow,
      MemorySegment to,
      long target,
      long toRow,
      int rows,
      int[] lanes) {
    long fromPixel = grouping.in() * 4L;
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < inside; x++) {
        long a = from + y * fromRow + x * fromPixel;
        long b = target + y * toRow + x * pixelBytes();
        for (int lane = 0; lane < COUNT; lane++) {
          to.set(FLOAT, b + lane * 4L, in.get(FLOAT, a + lanes[lane] * 4L));
        }
      }
    }
  }
}
