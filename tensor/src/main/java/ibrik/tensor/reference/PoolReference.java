package ibrik.tensor.reference;

import ibrik.tensor.DType;
import ibrik.tensor.Elements;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Pool;
import java.util.List;

/// Scalar meaning of [Pool].
final class PoolReference {
  private PoolReference() {}

  static Kernel kernel(Pool op) {
    return (in, out) -> {
      switch (op) {
        case Pool.MaxPool2d max -> maxPool(max, in.getFirst(), out);
        case Pool.MaxPool2dBackward _ -> scatter(in, out.getFirst());
        case Pool.MaxPool2dGather _ -> gather(in, out.getFirst());
        case Pool.AvgPool2d avg ->
            average(
                avg.rows(), avg.columns(), avg.geometry(), in.getFirst(), out.getFirst(), false);
        case Pool.AvgPool2dBackward avg ->
            average(avg.rows(), avg.columns(), avg.geometry(), out.getFirst(), in.getFirst(), true);
      }
    };
  }

  private static void maxPool(Pool.MaxPool2d op, Tensor x, List<Tensor> out) {
    Conv2dGeometry g = op.geometry();
    Tensor y = out.get(0);
    for (long i = 0; i < y.elems(); i++) {
      long c = i % y.dim(3);
      long q = i / y.dim(3) % y.dim(2);
      long p = i / (y.dim(3) * y.dim(2)) % y.dim(1);
      long n = i / (y.dim(3) * y.dim(2) * y.dim(1));
      double best = Double.NEGATIVE_INFINITY;
      long place = -1;
      for (int r = 0; r < op.rows(); r++) {
        long h = p * g.strideHeight() + (long) r * g.dilationHeight() - g.padHeight();
        for (int s = 0; s < op.columns(); s++) {
          long w = q * g.strideWidth() + (long) s * g.dilationWidth() - g.padWidth();
          if (h < 0 || h >= x.dim(1) || w < 0 || w >= x.dim(2) || Double.isNaN(best)) {
            continue;
          }
          double value =
              Elements.get(x.data(), x.dtype(), ((n * x.dim(1) + h) * x.dim(2) + w) * x.dim(3) + c);
          if (place < 0 || value > best || Double.isNaN(value)) {
            best = value;
            place = h * x.dim(2) + w;
          }
        }
      }
      Elements.set(y.data(), y.dtype(), i, best);
      Elements.setLong(out.get(1).data(), DType.I32, i, place);
    }
  }

  private static void scatter(List<Tensor> in, Tensor dx) {
    Tensor dy = in.get(0);
    double[] sums = new double[Math.toIntExact(dx.elems())];
    for (long i = 0; i < dy.elems(); i++) {
      sums[Math.toIntExact(source(in.get(1), dx, i))] += Elements.get(dy.data(), dy.dtype(), i);
    }
    for (int i = 0; i < sums.length; i++) {
      Elements.set(dx.data(), dx.dtype(), i, sums[i]);
    }
  }

  private static void gather(List<Tensor> in, Tensor out) {
    Tensor x = in.get(0);
    for (long i = 0; i < out.elems(); i++) {
      Cells.copy(x, source(in.get(1), x, i), out, i);
    }
  }

  /// The element of `image` that window element `i` came from.
  private static long source(Tensor index, Tensor image, long i) {
    long channels = image.dim(3);
    long perImage = index.elems() / Math.max(index.dim(0), 1);
    long place = Elements.getLong(index.data(), DType.I32, i);
    if (place < 0 || place >= image.dim(1) * image.dim(2)) {
      throw new IllegalArgumentException(
          "[max_pool2d] index must be in [0, " + image.dim(1) * image.dim(2) + "); got " + place);
    }
    return (i / perImage * image.dim(1) * image.dim(2) + place) * channels + i % channels;
  }

  private static void average(
      int rows, int columns, Conv2dGeometry g, Tensor x, Tensor y, boolean backward) {
    Tensor target = backward ? x : y;
    double[] sums = new double[Math.toIntExact(target.elems())];
    double weight = 1.0 / ((double) rows * columns);
    for (long i = 0; i < y.elems(); i++) {
      long c = i % y.dim(3);
      long q = i / y.dim(3) % y.dim(2);
      long p = i / (y.dim(3) * y.dim(2)) % y.dim(1);
      long n = i / (y.dim(3) * y.dim(2) * y.dim(1));
      for (int r = 0; r < rows; r++) {
        long h = p * g.strideHeight() + (long) r * g.dilationHeight() - g.padHeight();
        for (int s = 0; s < columns; s++) {
          long w = q * g.strideWidth() + (long) s * g.dilationWidth() - g.padWidth();
          if (h < 0 || h >= x.dim(1) || w < 0 || w >= x.dim(2)) {
            continue;
          }
          long at = ((n * x.dim(1) + h) * x.dim(2) + w) * x.dim(3) + c;
          if (backward) {
            sums[(int) at] += weight * Elements.get(y.data(), y.dtype(), i);
          } else {
            sums[(int) i] += weight * Elements.get(x.data(), x.dtype(), at);
          }
        }
      }
    }
    for (int i = 0; i < sums.length; i++) {
      Elements.set(target.data(), target.dtype(), i, sums[i]);
    }
  }
}
