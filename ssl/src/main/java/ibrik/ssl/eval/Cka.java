package ibrik.ssl.eval;

/// Linear centred kernel alignment: how similar two sets of features of the same items are,
/// whatever their rotation and scale.
///
/// **Source** Kornblith et al. 2019, arXiv:1905.00414, eq. 4 with linear kernels.
public final class Cka {
  private Cka() {}

  /// `|X^T Y|_F^2 / (|X^T X|_F |Y^T Y|_F)` of centred columns, in [0, 1]; NaN if either is
  /// constant. Row i of both belongs to one item.
  public static double linear(FeatureBank a, FeatureBank b) {
    if (a.size() != b.size() || a.size() == 0) {
      throw new IllegalArgumentException(
          "[cka] both banks must hold the same items; got " + a + " and " + b);
    }
    Columns x = Columns.of(a).centred();
    Columns y = Columns.of(b).centred();
    double across = squares(x.product(y));
    return across / Math.sqrt(squares(x.gram()) * squares(y.gram()));
  }

  private static double squares(double[][] matrix) {
    double sum = 0;
    for (double[] row : matrix) {
      for (double entry : row) {
        sum += entry * entry;
      }
    }
    return sum;
  }
}
