package ibrik.tensor.reference;

import ibrik.tensor.DType;
import ibrik.tensor.Elements;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import java.lang.foreign.MemorySegment;

/// Scalar meaning of [Linear]: the sums of the definitions, accumulated in f64.
final class LinearReference {
  private LinearReference() {}

  static Kernel kernel(Linear op) {
    return (in, outs) -> {
      Numbers a = Numbers.of(in.get(0));
      Numbers b = Numbers.of(in.get(1));
      Numbers out = Numbers.of(outs.getFirst());
      switch (op) {
        case Linear.MatMul matMul -> matMul(matMul, a, b, out);
        case Linear.Conv2d(Conv2dGeometry geometry) -> convolve(geometry, a, b, out, Role.FORWARD);
        case Linear.Conv2dBackwardData(Conv2dGeometry geometry, _, _) ->
            convolve(geometry, out, b, a, Role.BACKWARD_DATA);
        case Linear.Conv2dBackwardWeight(Conv2dGeometry geometry, _, _) ->
            convolve(geometry, a, out, b, Role.BACKWARD_WEIGHT);
      }
    };
  }

  /// A tensor with its memory looked up once: the loops below read each number many times.
  private record Numbers(Shape shape, DType dtype, MemorySegment data) {
    static Numbers of(Tensor tensor) {
      return new Numbers(tensor.shape(), tensor.dtype(), tensor.data());
    }

    long dim(int axis) {
      return shape.dim(axis);
    }

    double get(long index) {
      return Elements.get(data, dtype, index);
    }

    void set(long index, double value) {
      Elements.set(data, dtype, index, value);
    }
  }

  private static void matMul(Linear.MatMul op, Numbers a, Numbers b, Numbers out) {
    long m = out.dim(-2);
    long n = out.dim(-1);
    long k = a.dim(op.transposeA() ? -2 : -1);
    Shape batch = Linear.MatMul.batch(out.shape);
    Strider batchA = new Strider(Linear.MatMul.batch(a.shape), batch);
    Strider batchB = new Strider(Linear.MatMul.batch(b.shape), batch);
    for (long i = 0; i < out.shape.elems(); i++) {
      long startA = batchA.at(i / (m * n)) * m * k;
      long startB = batchB.at(i / (m * n)) * k * n;
      long row = i / n % m;
      long column = i % n;
      double sum = 0;
      for (long l = 0; l < k; l++) {
        long atA = startA + (op.transposeA() ? l * m + row : row * k + l);
        long atB = startB + (op.transposeB() ? column * k + l : l * n + column);
        sum += a.get(atA) * b.get(atB);
      }
      out.set(i, sum);
    }
  }

  private enum Role {
    FORWARD,
    BACKWARD_DATA,
    BACKWARD_WEIGHT
  }

  /// Visits every product `x[n,h,w,c] w[k,r,s,c'] ~ y[n,p,q,k]` of the definition; the role says
  /// which of the three is the sum and which two are the factors.
  private static void convolve(Conv2dGeometry g, Numbers x, Numbers w, Numbers y, Role role) {
    Numbers target = role == Role.FORWARD ? y : role == Role.BACKWARD_DATA ? x : w;
    double[] sums = new double[Math.toIntExact(target.shape.elems())];
    long height = x.dim(1);
    long width = x.dim(2);
    long perGroup = w.dim(3);
    long kernelsPerGroup = w.dim(0) / g.groups();
    for (long at = 0; at < y.shape.elems(); at++) {
      long k = at % y.dim(3);
      long q = at / y.dim(3) % y.dim(2);
      long p = at / (y.dim(3) * y.dim(2)) % y.dim(1);
      long n = at / (y.dim(3) * y.dim(2) * y.dim(1));
      for (long r = 0; r < w.dim(1); r++) {
        long h = p * g.strideHeight() + r * g.dilationHeight() - g.padHeight();
        for (long s = 0; s < w.dim(2); s++) {
          long column = q * g.strideWidth() + s * g.dilationWidth() - g.padWidth();
          if (h < 0 || h >= height || column < 0 || column >= width) {
            continue;
          }
          for (long c = 0; c < perGroup; c++) {
            long channel = k / kernelsPerGroup * perGroup + c;
            long atX = ((n * height + h) * width + column) * x.dim(3) + channel;
            long atW = ((k * w.dim(1) + r) * w.dim(2) + s) * perGroup + c;
            switch (role) {
              case FORWARD -> sums[(int) at] += x.get(atX) * w.get(atW);
              case BACKWARD_DATA -> sums[(int) atX] += y.get(at) * w.get(atW);
              case BACKWARD_WEIGHT -> sums[(int) atW] += y.get(at) * x.get(atX);
            }
          }
        }
      }
    }
    for (int i = 0; i < sums.length; i++) {
      target.set(i, sums[i]);
    }
  }
}
