package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.I32;
import static ibrik.kernels.cpu.Lanes.INT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Pooling of one pixel: its window is a list of pixels, and channels, which lie side by side, are
/// the lanes. What is running stays in registers until the window is through.
final class PoolLoops {
  private PoolLoops() {}

  /// The pixels of one window that lie inside the image.
  static final class Window {
    private final long[] offsets;
    private final int[] places;
    private int count;

    Window(int most) {
      offsets = new long[most];
      places = new int[most];
    }

    void clear() {
      count = 0;
    }

    /// Adds the pixel whose channels start at byte `offset`; `place` is what max pooling calls it.
    void add(long offset, int place) {
      offsets[count] = offset;
      places[count] = place;
      count++;
    }
  }

  /// Per channel the largest of the window and its place. The first of equals stays, and so does
  /// the first NaN; of an empty window -Infinity and -1.
  static void max(
      MemorySegment x,
      Window window,
      MemorySegment y,
      MemorySegment index,
      long target,
      int channels) {
    int c = 0;
    for (; c + COUNT <= channels; c += COUNT) {
      FloatVector most = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
      // Places as bits of floats: masks then need not change their type, which takes the heap.
      FloatVector place = bits(-1);
      for (int i = 0; i < window.count; i++) {
        FloatVector value =
            FloatVector.fromMemorySegment(F32, x, window.offsets[i] + c * 4L, ORDER);
        VectorMask<Float> better =
            i == 0
                ? F32.maskAll(true)
                : value
                    .compare(VectorOperators.LE, most)
                    .not()
                    .and(most.compare(VectorOperators.EQ, most));
        most = most.blend(value, better);
        place = place.blend(bits(window.places[i]), better);
      }
      most.intoMemorySegment(y, target + c * 4L, ORDER);
      place.intoMemorySegment(index, target + c * 4L, ORDER);
    }
    for (; c < channels; c++) {
      maxOne(x, window, y, index, target, c);
    }
  }

  private static FloatVector bits(int value) {
    return IntVector.broadcast(I32, value).reinterpretAsFloats();
  }

  private static void maxOne(
      MemorySegment x, Window window, MemorySegment y, MemorySegment index, long target, int c) {
    float most = Float.NEGATIVE_INFINITY;
    int place = -1;
    for (int i = 0; i < window.count; i++) {
      float value = x.get(FLOAT, window.offsets[i] + c * 4L);
      if (i == 0 || (!(value <= most) && !Float.isNaN(most))) {
        most = value;
        place = window.places[i];
      }
    }
    y.set(FLOAT, target + c * 4L, most);
    index.set(INT, target + c * 4L, place);
  }

  /// Adds the gradients of one window to the pixels that were largest: `dx` is the image from byte
  /// `image` on, of `elems` floats.
  static void scatter(
      MemorySegment dy,
      MemorySegment index,
      long source,
      MemorySegment dx,
      long image,
      long elems,
      int channels) {
    for (int c = 0; c < channels; c++) {
      int place = index.get(INT, source + c * 4L);
      long at = (long) place * channels;
      if (place < 0 || at >= elems) {
        throw new IllegalArgumentException(
            "[max_pool2d] index must lie inside the image; got " + place);
      }
      long target = image + (at + c) * 4;
      dx.set(FLOAT, target, dx.get(FLOAT, target) + dy.get(FLOAT, source + c * 4L));
    }
  }

  /// Per channel the sum of the window over `divisor`.
  static void average(
      MemorySegment x, Window window, MemorySegment y, long target, int channels, float divisor) {
    int c = 0;
    for (; c + COUNT <= channels; c += COUNT) {
      FloatVector sum = FloatVector.zero(F32);
      for (int i = 0; i < window.count; i++) {
        sum = sum.add(FloatVector.fromMemorySegment(F32, x, window.offsets[i] + c * 4L, ORDER));
      }
      sum.div(divisor).intoMemorySegment(y, target + c * 4L, ORDER);
    }
    for (; c < channels; c++) {
      float sum = 0;
      for (int i = 0; i < window.count; i++) {
        sum += x.get(FLOAT, window.offsets[i] + c * 4L);
      }
      y.set(FLOAT, target + c * 4L, sum / divisor);
    }
  }
}
