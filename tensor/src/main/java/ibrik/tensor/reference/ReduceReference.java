package ibrik.tensor.reference;

import ibrik.tensor.DType;
import ibrik.tensor.Elements;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Reduce;
import java.util.Arrays;

/// Scalar meaning of [Reduce]. Float sums accumulate in f64 in row-major order; integers are exact
/// modulo their width.
final class ReduceReference {
  private ReduceReference() {}

  static Kernel kernel(Reduce op) {
    return (in, outs) -> {
      Tensor x = in.getFirst();
      Tensor out = outs.getFirst();
      switch (op) {
        case Reduce.Sum _ -> sum(op, x, out, 1);
        case Reduce.Mean _ -> sum(op, x, out, (double) x.elems() / Math.max(out.elems(), 1));
        case Reduce.Max _ -> extreme(op, x, out, true);
        case Reduce.Min _ -> extreme(op, x, out, false);
        case Reduce.ArgMax _ -> argMax(op, x, out);
      }
    };
  }

  /// Maps elements of x to elements of the result, which broadcasts back to x once its axes are
  /// kept.
  private static Strider toResult(Reduce op, Shape x) {
    Shape kept = x;
    for (int axis : op.axes()) {
      kept = kept.with(x.axis(axis), 1);
    }
    return new Strider(kept, x);
  }

  private static void sum(Reduce op, Tensor x, Tensor out, double divisor) {
    Strider result = toResult(op, x.shape());
    int size = Math.toIntExact(out.elems());
    if (out.dtype().isFloat()) {
      double[] sums = new double[size];
      for (long i = 0; i < x.elems(); i++) {
        sums[(int) result.at(i)] += Elements.get(x.data(), x.dtype(), i);
      }
      for (int i = 0; i < size; i++) {
        Elements.set(out.data(), out.dtype(), i, sums[i] / divisor);
      }
      return;
    }
    long[] sums = new long[size];
    for (long i = 0; i < x.elems(); i++) {
      sums[(int) result.at(i)] += Elements.getLong(x.data(), x.dtype(), i);
    }
    for (int i = 0; i < size; i++) {
      Elements.setLong(out.data(), out.dtype(), i, sums[i]);
    }
  }

  private static void extreme(Reduce op, Tensor x, Tensor out, boolean largest) {
    Strider result = toResult(op, x.shape());
    int size = Math.toIntExact(out.elems());
    if (out.dtype().isFloat()) {
      double[] best = new double[size];
      Arrays.fill(best, largest ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
      for (long i = 0; i < x.elems(); i++) {
        int at = (int) result.at(i);
        double value = Elements.get(x.data(), x.dtype(), i);
        best[at] = largest ? Math.max(best[at], value) : Math.min(best[at], value);
      }
      for (int i = 0; i < size; i++) {
        Elements.set(out.data(), out.dtype(), i, best[i]);
      }
      return;
    }
    long[] best = new long[size];
    Arrays.fill(best, largest ? smallest(out.dtype()) : biggest(out.dtype()));
    for (long i = 0; i < x.elems(); i++) {
      int at = (int) result.at(i);
      long value = Elements.getLong(x.data(), x.dtype(), i);
      best[at] = largest ? Math.max(best[at], value) : Math.min(best[at], value);
    }
    for (int i = 0; i < size; i++) {
      Elements.setLong(out.data(), out.dtype(), i, best[i]);
    }
  }

  private static long smallest(DType dtype) {
    return dtype == DType.U8 ? 0 : -1L << (dtype.bits() - 1);
  }

  private static long biggest(DType dtype) {
    return dtype == DType.U8 ? 255 : ~(-1L << (dtype.bits() - 1));
  }

  private static void argMax(Reduce op, Tensor x, Tensor out) {
    int axis = x.shape().axis(op.axes().getFirst());
    long length = x.shape().dim(axis);
    long after = x.shape().elemsAfter(axis);
    for (long i = 0; i < out.elems(); i++) {
      long start = i / after * length * after + i % after;
      long best = 0;
      double bestValue = Elements.get(x.data(), x.dtype(), start);
      for (long k = 1; k < length && !Double.isNaN(bestValue); k++) {
        double value = Elements.get(x.data(), x.dtype(), start + k * after);
        if (value > bestValue || Double.isNaN(value)) {
          best = k;
          bestValue = value;
        }
      }
      Elements.setLong(out.data(), DType.I32, i, best);
    }
  }
}
