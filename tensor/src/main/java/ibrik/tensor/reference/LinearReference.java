package ibrik.tensor.reference;

import ibrik.tensor.Elements;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;

/// Scalar meaning of [Linear]: the sums of the definitions, accumulated in f64.
final class LinearReference {
  private LinearReference() {}

  static Kernel kernel(Linear op) {
    return (in, outs) -> {
      Tensor a = in.get(0);
      Tensor b = in.get(1);
      Tensor out = outs.getFirst();
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

  private static void matMul(Linear.MatMul op, Tensor a, Tensor b, Tensor out) {
    long m = out.dim(-2);
    long n = out.dim(-1);
    long k = a.dim(op.transposeA() ? -2 : -1);
    Shape batch = Linear.MatMul.batch(out.shape());
    Strider batchA = new Strider(Linear.MatMul.batch(a.shape()), batch);
    Strider batchB = new Strider(Linear.MatMul.batch(b.shape()), batch);
    for (long i = 0; i < out.elems(); i++) {
      long startA = batchA.at(i / (m * n)) * m * k;
      long startB = batchB.at(i / (m * n)) * k * n;
      long row = i / n % m;
      long column = i % n;
      double sum = 0;
      for (long l = 0; l < k; l++) {
        long atA = startA + (op.transposeA() ? l * m + row : row * k + l);
        long atB = startB + (op.transposeB() ? column * k + l : l * n + column);
        sum += get(a, atA) * get(b, atB);
      }
      Elements.set(out.data(), out.dtype(), i, sum);
    }
  }

  private enum Role {
    FORWARD,
    BACKWARD_DATA,
    BACKWARD_WEIGHT
  }

  /// Visits every product `x[n,h,w,c] w[k,r,s,c'] ~ y[n,p,q,k]` of the definition; the role says
  /// which of the three is the sum and which two are the factors.
  private static void convolve(Conv2dGeometry g, Tensor x, Tensor w, Tensor y, Role role) {
    Tensor target = role == Role.FORWARD ? y : role == Role.BACKWARD_DATA ? x : w;
    double[] sums = new double[Math.toIntExact(target.elems())];
    long height = x.dim(1);
    long width = x.dim(2);
    long perGroup = w.dim(3);
    long kernelsPerGroup = w.dim(0) / g.groups();
    for (long at = 0; at < y.elems(); at++) {
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
              case FORWARD -> sums[(int) at] += get(x, atX) * get(w, atW);
              case BACKWARD_DATA -> sums[(int) atX] += get(y, at) * get(w, atW);
              case BACKWARD_WEIGHT -> sums[(int) atW] += get(y, at) * get(x, atX);
            }
          }
        }
      }
    }
    for (int i = 0; i < sums.length; i++) {
      Elements.set(target.data(), target.dtype(), i, sums[i]);
    }
  }

  private static double get(Tensor tensor, long index) {
    return Elements.get(tensor.data(), tensor.dtype(), index);
  }
}
