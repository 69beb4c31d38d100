package ibrik.tensor.reference;

import ibrik.tensor.DType;
import ibrik.tensor.Elements;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Index;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Scalar meaning of [Index].
final class IndexReference {
  private IndexReference() {}

  static Kernel kernel(Index op) {
    return (in, out) -> {
      switch (op) {
        case Index.Gather _ -> gather(in.get(0), in.get(1), out.getFirst());
        case Index.ScatterAdd _ -> scatterAdd(in.get(0), in.get(1), out.getFirst());
        case Index.OneHot oneHot -> oneHot(oneHot, in.getFirst(), out.getFirst());
        case Index.TopK topK -> topK(topK, in.getFirst(), out);
      }
    };
  }

  /// Index `i`, checked against `[0, bound)`.
  private static long index(Tensor index, long i, long bound, String tag) {
    long value = Elements.getLong(index.data(), DType.I32, i);
    if (value < 0 || value >= bound) {
      throw new IllegalArgumentException(
          "[" + tag + "] index must be in [0, " + bound + "); got " + value + " at " + i);
    }
    return value;
  }

  private static void gather(Tensor x, Tensor index, Tensor out) {
    long row = x.shape().elemsAfter(0);
    for (long i = 0; i < index.elems(); i++) {
      long source = index(index, i, x.dim(0), "gather");
      for (long k = 0; k < row; k++) {
        Cells.copy(x, source * row + k, out, i * row + k);
      }
    }
  }

  private static void scatterAdd(Tensor x, Tensor index, Tensor out) {
    long row = x.shape().elemsAfter(0);
    double[] sums = new double[Math.toIntExact(out.elems())];
    for (long i = 0; i < index.elems(); i++) {
      long target = index(index, i, out.dim(0), "scatter_add");
      for (long k = 0; k < row; k++) {
        sums[(int) (target * row + k)] += Elements.get(x.data(), x.dtype(), i * row + k);
      }
    }
    for (int i = 0; i < sums.length; i++) {
      Elements.set(out.data(), out.dtype(), i, sums[i]);
    }
  }

  private static void oneHot(Index.OneHot op, Tensor x, Tensor out) {
    for (long i = 0; i < out.elems(); i++) {
      Elements.set(out.data(), out.dtype(), i, 0);
    }
    for (long i = 0; i < x.elems(); i++) {
      long hot = index(x, i, op.classes(), "one_hot");
      Elements.set(out.data(), out.dtype(), i * op.classes() + hot, 1);
    }
  }

  private static void topK(Index.TopK op, Tensor x, List<Tensor> out) {
    int width = Math.toIntExact(x.dim(-1));
    long rows = width == 0 ? 0 : x.elems() / width;
    for (long row = 0; row < rows; row++) {
      long start = row * width;
      // Double.compare puts NaN above all numbers; the sort is stable, so ties keep their order.
      Comparator<Integer> largest =
          (a, b) ->
              Double.compare(
                  Elements.get(x.data(), x.dtype(), start + b) + 0.0,
                  Elements.get(x.data(), x.dtype(), start + a) + 0.0);
      int[] order = IntStream.range(0, width).boxed().sorted(largest).mapToInt(i -> i).toArray();
      for (int k = 0; k < op.k(); k++) {
        Cells.copy(x, start + order[k], out.get(0), row * op.k() + k);
        Elements.setLong(out.get(1).data(), DType.I32, row * op.k() + k, order[k]);
      }
    }
  }
}
