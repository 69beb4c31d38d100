package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Reduce;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/// Binds [Reduce]. Neighbouring axes collapse to `[outer, length, inner]`; axis sets that do not
/// are left to the reference.
final class ReduceCpu {
  private ReduceCpu() {}

  /// x as three axes, the middle one to be reduced.
  private record View(long outer, long length, long inner) {
    static @Nullable View of(Shape shape, List<Integer> axes) {
      int[] sorted = axes.stream().mapToInt(shape::axis).sorted().toArray();
      if (sorted.length == 0) {
        return new View(shape.elems(), 1, 1);
      }
      long length = 1;
      for (int i = 0; i < sorted.length; i++) {
        if (i > 0 && sorted[i] != sorted[i - 1] + 1) {
          return null;
        }
        length *= shape.dim(sorted[i]);
      }
      return new View(
          shape.elemsBefore(sorted[0]), length, shape.elemsAfter(sorted[sorted.length - 1]));
    }
  }

  static @Nullable Kernel kernel(Reduce op, TensorSpec x, CpuPool pool) {
    View view = View.of(x.shape(), op.axes());
    if (view == null) {
      return null;
    }
    return (in, out) -> {
      MemorySegment from = in.getFirst().data();
      MemorySegment to = out.getFirst().data();
      switch (op) {
        case Reduce.Sum _ -> sum(pool, view, from, to, 1);
        case Reduce.Mean _ -> sum(pool, view, from, to, view.length);
        case Reduce.Max _ -> extreme(pool, view, from, to, true);
        case Reduce.Min _ -> extreme(pool, view, from, to, false);
        case Reduce.ArgMax _ -> argMax(pool, view, from, to);
      }
    };
  }

  private static void sum(
      CpuPool pool, View view, MemorySegment x, MemorySegment y, double divisor) {
    if (view.inner > 1 && view.outer > 1) {
      int columns = (int) view.inner;
      long perTask = Math.max(1, Chunks.SIZE / Math.max(1, view.length * view.inner));
      pool.run(
          (int) Math.ceilDiv(view.outer, perTask),
          task -> {
            for (long o = task * perTask; o < Math.min(view.outer, (task + 1) * perTask); o++) {
              image(x, o * view.length, view.length, columns, y, o * columns, divisor);
            }
          });
    } else if (view.inner > 1) {
      int columns = (int) view.inner;
      double[] totals =
          ColumnSums.run(
              pool,
              view.length,
              columns,
              1,
              (first, rows, sums, at) -> ColumnSums.sum(x, first, rows, columns, sums, at));
      for (int j = 0; j < columns; j++) {
        y.set(FLOAT, j * 4L, (float) (totals[j] / divisor));
      }
    } else if (view.outer == 1) {
      y.set(FLOAT, 0, (float) (total(pool, x, view.length) / divisor));
    } else {
      long perTask = Math.max(1, Chunks.SIZE / Math.max(1, view.length));
      pool.run(
          (int) Math.ceilDiv(view.outer, perTask),
          task -> {
            for (long o = task * perTask; o < Math.min(view.outer, (task + 1) * perTask); o++) {
              double sum = row(x, o * view.length, view.length);
              y.set(FLOAT, o * 4, (float) (sum / divisor));
            }
          });
    }
  }

  /// Column sums of one `[length, columns]` matrix that starts at row `first`.
  private static void image(
      MemorySegment x,
      long first,
      long length,
      int columns,
      MemorySegment y,
      long target,
      double divisor) {
    double[] totals = new double[columns];
    MemorySegment sums = Scratch.floats(Scratch.Slot.TILE, Math.max(columns, 32 * 3 * COUNT));
    for (long start = 0; start < length; start += ColumnSums.BLOCK) {
      int rows = (int) Math.min(ColumnSums.BLOCK, length - start);
      ColumnSums.sum(x, first + start, rows, columns, sums, 0);
      for (int j = 0; j < columns; j++) {
        totals[j] += sums.get(FLOAT, j * 4L);
      }
    }
    for (int j = 0; j < columns; j++) {
      y.set(FLOAT, (target + j) * 4, (float) (totals[j] / divisor));
    }
  }

  /// The sum of `count` floats: chunks in parallel, their sums in f64 in order.
  static double total(CpuPool pool, MemorySegment x, long count) {
    int tasks = (int) Math.ceilDiv(count, Chunks.SIZE);
    double[] sums = new double[tasks];
    Chunks.run(
        pool, count, (from, to) -> sums[(int) (from / Chunks.SIZE)] = row(x, from, to - from));
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    return total;
  }

  /// The sum of `count` floats from element `first` on: blocks in f32, block sums in f64.
  static double row(MemorySegment x, long first, long count) {
    double total = 0;
    for (long start = 0; start < count; start += 64L * COUNT) {
      long end = Math.min(count, start + 64L * COUNT);
      FloatVector s = FloatVector.zero(F32);
      long i = start;
      for (; i + COUNT <= end; i += COUNT) {
        s = s.add(FloatVector.fromMemorySegment(F32, x, (first + i) * 4, ORDER));
      }
      total += Vectors.sum(s);
      for (; i < end; i++) {
        total += x.get(FLOAT, (first + i) * 4);
      }
    }
    return total;
  }

  private static void extreme(
      CpuPool pool, View view, MemorySegment x, MemorySegment y, boolean largest) {
    int columns = (int) view.inner;
    pool.run(
        (int) view.outer,
        o -> {
          float[] best = new float[columns];
          Arrays.fill(best, largest ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY);
          long at = o * view.length * view.inner * 4;
          for (long i = 0; i < view.length; i++) {
            for (int j = 0; j < columns; j++, at += 4) {
              float value = x.get(FLOAT, at);
              best[j] = largest ? Math.max(best[j], value) : Math.min(best[j], value);
            }
          }
          for (int j = 0; j < columns; j++) {
            y.set(FLOAT, (o * view.inner + j) * 4, best[j]);
          }
        });
  }

  private static void argMax(CpuPool pool, View view, MemorySegment x, MemorySegment y) {
    pool.run(
        (int) (view.outer * view.inner),
        row -> {
          long start = row / view.inner * view.length * view.inner + row % view.inner;
          int best = 0;
          float most = x.get(FLOAT, start * 4);
          for (int i = 1; i < view.length && !Float.isNaN(most); i++) {
            float value = x.get(FLOAT, (start + i * view.inner) * 4);
            if (value > most || Float.isNaN(value)) {
              most = value;
              best = i;
            }
          }
          y.set(Lanes.INT, row * 4L, best);
        });
  }
}
