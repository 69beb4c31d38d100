package ibrik.ssl.eval;

import java.util.Arrays;

/// How far features repeat each other.
///
/// @param meanCorrelation mean absolute correlation of two different features; features without
///   variance are left out
/// @param covarianceTerm `sum over i != j of cov_ij^2, / d` (n-1), the covariance term of VICReg
/// @param varianceHinge `mean_j max(0, 1 - sqrt(var_j + 1e-4))` (n-1), the variance term of VICReg
public record Redundancy(double meanCorrelation, double covarianceTerm, double varianceHinge) {
  /// Of the features as they come, over at least two rows.
  ///
  /// **Source** Bardes et al. 2022, arXiv:2105.04906, eq. 1-4.
  public static Redundancy of(FeatureBank bank) {
    if (bank.size() < 2) {
      throw new IllegalArgumentException(
          "[redundancy] needs at least two rows; got " + bank.size());
    }
    int d = bank.dim();
    double[][] covariance = Columns.of(bank).centred().gram();
    for (double[] row : covariance) {
      Arrays.setAll(row, j -> row[j] / (bank.size() - 1));
    }
    double correlations = 0;
    double covariances = 0;
    double hinge = 0;
    long pairs = 0;
    for (int i = 0; i < d; i++) {
      hinge += Math.max(0, 1 - Math.sqrt(covariance[i][i] + 1e-4));
      for (int j = 0; j < d; j++) {
        if (i == j) {
          continue;
        }
        covariances += covariance[i][j] * covariance[i][j];
        double scale = Math.sqrt(covariance[i][i] * covariance[j][j]);
        if (scale > 0) {
          correlations += Math.abs(covariance[i][j]) / scale;
          pairs++;
        }
      }
    }
    return new Redundancy(pairs == 0 ? 0 : correlations / pairs, covariances / d, hinge / d);
  }
}
