package ibrik.kernels.cpu;

import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Transposes of any order: trailing axes that keep their places form runs, which are copied whole.
/// Attention moves its heads this way.
final class Permutes {
  private Permutes() {}

  static void run(CpuPool pool, Tensor x, Tensor y, List<Integer> order) {
    if (y.elems() == 0) {
      return;
    }
    Shape shape = y.shape();
    int outer = order.size();
    long length = 1;
    while (outer > 0 && order.get(outer - 1) == outer - 1) {
      length *= shape.dim(outer - 1);
      outer--;
    }
    long[] strides = x.shape().strides();
    long[] steps = new long[outer];
    for (int i = 0; i < outer; i++) {
      steps[i] = strides[order.get(i)];
    }
    int elementBytes = x.dtype().elementBytes();
    long bytes = length * elementBytes;
    long runs = y.elems() / length;
    long perTask = Math.max(1, Chunks.SIZE / length);
    int axes = outer;
    MemorySegment source = x.data();
    MemorySegment target = y.data();
    pool.run(
        (int) Math.ceilDiv(runs, perTask),
        task -> {
          long first = task * perTask;
          Places places = new Places(shape, axes, steps, first);
          for (long i = first; i < Math.min(runs, first + perTask); i++) {
            MemorySegment.copy(source, places.at * elementBytes, target, i * bytes, bytes);
            places.next();
          }
        });
  }

  /// Walks the outer axes of the result like the hand of a counter, and knows the place in x.
  private static final class Places {
    private final long[] extents;
    private final long[] steps;
    private final long[] digits;
    long at;

    Places(Shape shape, int axes, long[] steps, long first) {
      this.steps = steps;
      extents = java.util.Arrays.copyOf(shape.dims(), axes);
      digits = new long[axes];
      long rest = first;
      for (int i = axes - 1; i >= 0; i--) {
        digits[i] = rest % extents[i];
        rest /= extents[i];
        at += digits[i] * steps[i];
      }
    }

    void next() {
      for (int i = digits.length - 1; i >= 0; i--) {
        at += steps[i];
        if (++digits[i] < extents[i]) {
          return;
        }
        at -= digits[i] * steps[i];
        digits[i] = 0;
      }
    }
  }
}
