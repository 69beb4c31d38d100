package ibrik.ssl.augment;

/// Interpolation kernels of [Resampler]. Both are stretched where an image shrinks (antialiasing).
public enum Filter {
  /// Triangle, support 1.
  BILINEAR(1) {
    @Override
    double at(double x) {
      return Math.max(0, 1 - Math.abs(x));
    }
  },
  /// Keys' cubic convolution with a = -0.5 (Catmull-Rom), support 2.
  BICUBIC(2) {
    @Override
    double at(double x) {
      double a = Math.abs(x);
      if (a < 1) {
        return (1.5 * a - 2.5) * a * a + 1;
      }
      return a < 2 ? ((-0.5 * a + 2.5) * a - 4) * a + 2 : 0;
    }
  };

  private final double support;

  Filter(double support) {
    this.support = support;
  }

  double support() {
    return support;
  }

  abstract double at(double x);
}
