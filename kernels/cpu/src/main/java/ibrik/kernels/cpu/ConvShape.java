package ibrik.kernels.cpu;

import ibrik.tensor.Shape;
import ibrik.tensor.op.Conv2dGeometry;

/// All extents of one convolution: images `n h w c`, kernels `k r s`, outputs `p q`.
record ConvShape(int n, int h, int w, int c, int k, int r, int s, int p, int q, Conv2dGeometry g) {
  /// From the shapes of x `[N,H,W,C]`, w `[K,R,S,C/groups]` and y `[N,P,Q,K]`.
  static ConvShape of(Shape x, Shape w, Shape y, Conv2dGeometry g) {
    return new ConvShape(
        (int) x.dim(0),
        (int) x.dim(1),
        (int) x.dim(2),
        (int) x.dim(3),
        (int) w.dim(0),
        (int) w.dim(1),
        (int) w.dim(2),
        (int) y.dim(1),
        (int) y.dim(2),
        g);
  }

  int groupChannels() {
    return c / g.groups();
  }

  int groupKernels() {
    return k / g.groups();
  }

  /// Multiplications of the whole convolution.
  long work() {
    return (long) n * p * q * k * r * s * groupChannels();
  }
}
