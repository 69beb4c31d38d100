package ibrik.tensor.reference;

/// The error function in f64, within a few ulp.
final class ErrorFunction {
  /// From here on the continued fraction needs few terms and the series many.
  private static final double SPLIT = 2.5;

  private static final int TERMS = 60;

  private ErrorFunction() {}

  static double erf(double x) {
    double a = Math.abs(x);
    if (!(a < SPLIT)) {
      return Double.isNaN(x) ? x : Math.copySign(1 - complement(a), x);
    }
    // 2/sqrt(pi) e^(-x^2) sum of 2^n x^(2n+1) / (2n+1)!!: all terms have the sign of x.
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > Math.ulp(sum) / 4; n++) {
      term *= 2 * a * a / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-a * a) * sum;
  }

  /// `1 - erf(a)` by Laplace's continued fraction, from its far end.
  private static double complement(double a) {
    double fraction = a;
    for (int n = TERMS; n >= 1; n--) {
      fraction = a + n / 2.0 / fraction;
    }
    return Math.exp(-a * a) / (Math.sqrt(Math.PI) * fraction);
  }
}
