package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Conv2dGeometry;

/// Single elements of a convolution and its gradients by the definition, in f64, for [Probe].
final class ConvMeaning {
  private final Conv2dGeometry g;
  private final float[] x;
  private final float[] w;
  private final float[] dy;
  private final int n;
  private final int h;
  private final int c;
  private final int perGroup;
  private final int k;
  private final int kernelsPerGroup;
  private final int r;
  private final int p;

  ConvMeaning(Conv2dGeometry g, Tensor x, Tensor w, Tensor dy) {
    this.g = g;
    this.x = x.toFloats();
    this.w = w.toFloats();
    this.dy = dy.toFloats();
    this.n = (int) x.dim(0);
    this.h = (int) x.dim(1);
    this.c = (int) x.dim(3);
    this.perGroup = (int) w.dim(3);
    this.k = (int) w.dim(0);
    this.kernelsPerGroup = k / g.groups();
    this.r = (int) w.dim(1);
    this.p = (int) dy.dim(1);
  }

  /// `y[n,p,q,k] = sum x w`.
  double forward(long at) {
    int kernel = (int) (at % k);
    int q = (int) (at / k % p);
    int row = (int) (at / k / p % p);
    int image = (int) (at / k / p / p);
    double sum = 0;
    for (int i = 0; i < r; i++) {
      for (int j = 0; j < r; j++) {
        for (int channel = 0; channel < perGroup; channel++) {
          int own = kernel / kernelsPerGroup * perGroup + channel;
          sum += x(image, in(row, i), in(q, j), own) * w(kernel, i, j, channel);
        }
      }
    }
    return sum;
  }

  /// `dx[n,h,w,c] = sum dy w` over the outputs that read the pixel.
  double backwardData(long at) {
    int channel = (int) (at % c);
    int column = (int) (at / c % h);
    int line = (int) (at / c / h % h);
    int image = (int) (at / c / h / h);
    double sum = 0;
    for (int i = 0; i < r; i++) {
      for (int j = 0; j < r; j++) {
        int row = out(line, i);
        int q = out(column, j);
        int first = channel / perGroup * kernelsPerGroup;
        for (int own = 0; row >= 0 && q >= 0 && own < kernelsPerGroup; own++) {
          sum += dy(image, row, q, first + own) * w(first + own, i, j, channel % perGroup);
        }
      }
    }
    return sum;
  }

  /// `dw[k,r,s,c] = sum x dy` over images and places.
  double backwardWeight(long at) {
    int j = (int) (at / perGroup % r);
    int i = (int) (at / perGroup / r % r);
    int kernel = (int) (at / perGroup / r / r);
    int channel = kernel / kernelsPerGroup * perGroup + (int) (at % perGroup);
    double sum = 0;
    for (int image = 0; image < n; image++) {
      for (int row = 0; row < p; row++) {
        for (int q = 0; q < p; q++) {
          sum += x(image, in(row, i), in(q, j), channel) * dy(image, row, q, kernel);
        }
      }
    }
    return sum;
  }

  /// The image line that tap `tap` of output line `out` reads; may lie outside.
  private int in(int out, int tap) {
    return out * g.strideHeight() + tap - g.padHeight();
  }

  /// The output line whose tap `tap` reads image line `in`, or -1.
  private int out(int in, int tap) {
    int at = in + g.padHeight() - tap;
    int out = at / g.strideHeight();
    return at >= 0 && at % g.strideHeight() == 0 && out < p ? out : -1;
  }

  private double x(int image, int line, int column, int channel) {
    boolean inside = line >= 0 && line < h && column >= 0 && column < h;
    return inside ? x[((image * h + line) * h + column) * c + channel] : 0;
  }

  private double w(int kernel, int i, int j, int channel) {
    return w[((kernel * r + i) * r + j) * perGroup + channel];
  }

  private double dy(int image, int row, int q, int kernel) {
    return dy[((image * p + row) * p + q) * k + kernel];
  }
}
