package ibrik.kernels.cpu;

import ibrik.tensor.Shape;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Conv3dGeometry;

/// All extents of one convolution of images or videos, `n` of them, with `c` channels and `k`
/// kernels. Images are videos of one frame.
record ConvShape(int n, int c, int k, int groups, Extent frames, Extent rows, Extent columns) {
  /// From the shapes of x `[N,H,W,C]`, w `[K,R,S,C/groups]` and y `[N,P,Q,K]`.
  static ConvShape of(Shape x, Shape w, Shape y, Conv2dGeometry g) {
    return of(x, w, y, g, Extent.NONE);
  }

  /// From the shapes of x `[N,D,H,W,C]`, w `[K,T,R,S,C/groups]` and y `[N,O,P,Q,K]`.
  static ConvShape of(Shape x, Shape w, Shape y, Conv3dGeometry g) {
    Extent frames =
        new Extent(
            (int) x.dim(1), (int) w.dim(1), (int) y.dim(1), g.stride(), g.pad(), g.dilation());
    return of(x, w, y, g.image(), frames);
  }

  private static ConvShape of(Shape x, Shape w, Shape y, Conv2dGeometry g, Extent frames) {
    return new ConvShape(
        (int) x.dim(0),
        (int) x.dim(-1),
        (int) w.dim(0),
        g.groups(),
        frames,
        new Extent(
            (int) x.dim(-3),
            (int) w.dim(-3),
            (int) y.dim(-3),
            g.strideHeight(),
            g.padHeight(),
            g.dilationHeight()),
        new Extent(
            (int) x.dim(-2),
            (int) w.dim(-2),
            (int) y.dim(-2),
            g.strideWidth(),
            g.padWidth(),
            g.dilationWidth()));
  }

  int groupChannels() {
    return c / groups;
  }

  int groupKernels() {
    return k / groups;
  }

  /// Taps of a kernel.
  int taps() {
    return frames.taps() * rows.taps() * columns.taps();
  }

  /// Pixels of one frame of x.
  long inPixels() {
    return (long) rows.in() * columns.in();
  }

  /// Pixels of one frame of y.
  long outPixels() {
    return (long) rows.out() * columns.out();
  }
}
