package ibrik.ssl.eval;

/// How many directions a spectrum (singular values or eigenvalues, each at least 0) fills. All are
/// 0 for a spectrum of zeros, and unchanged when the spectrum is scaled.
public final class Spectrum {
  private Spectrum() {}

  /// `exp(-sum p ln p)` with `p = values / sum(values)`.
  ///
  /// **Source** Roy and Vetterli 2007, "The effective rank".
  public static double effectiveRank(double[] values) {
    return rank(values, 0);
  }

  /// [#effectiveRank] with `p = values / sum(values) + 1e-7`, of the singular values of uncentred
  /// features. Compare only at equal numbers of items and of features.
  ///
  /// **Source** Garrido et al. 2023, arXiv:2210.02885, eq. 1-2.
  public static double rankMe(double[] singularValues) {
    return rank(singularValues, 1e-7);
  }

  private static double rank(double[] values, double eps) {
    double sum = sum(values);
    if (sum == 0) {
      return 0;
    }
    double entropy = 0;
    for (double value : values) {
      double p = value / sum + eps;
      entropy -= p > 0 ? p * Math.log(p) : 0;
    }
    return Math.exp(entropy);
  }

  /// `(sum l)^2 / sum l^2` of eigenvalues.
  public static double participationRatio(double[] values) {
    double squares = sumOfSquares(values);
    double sum = sum(values);
    return squares == 0 ? 0 : sum * sum / squares;
  }

  /// `sum s^2 / max s^2` of singular values: squared Frobenius norm over squared spectral norm.
  public static double stableRank(double[] singularValues) {
    double largest = 0;
    for (double value : singularValues) {
      largest = Math.max(largest, value);
    }
    return largest == 0 ? 0 : sumOfSquares(singularValues) / (largest * largest);
  }

  /// The exponent a of `l_j ~ j^-a`: minus the slope of the least-squares line through `(ln j, ln
  /// l_j)` for j from `first` to `last`, counted from 1.
  ///
  /// **Source** Agrawal et al. 2022, alpha-ReQ.
  ///
  /// @param eigenvalues descending
  /// @throws IllegalArgumentException unless the range has two places or more, all above 0
  public static double powerLawExponent(double[] eigenvalues, int first, int last) {
    if (first < 1 || last <= first || last > eigenvalues.length || !(eigenvalues[last - 1] > 0)) {
      throw new IllegalArgumentException(
          "[spectrum] a power law needs at least two eigenvalues above 0; got range "
              + first
              + ".."
              + last
              + " of "
              + eigenvalues.length
              + "; shorten the range");
    }
    double meanX = 0;
    double meanY = 0;
    int count = last - first + 1;
    for (int j = first; j <= last; j++) {
      meanX += Math.log(j) / count;
      meanY += Math.log(eigenvalues[j - 1]) / count;
    }
    double xy = 0;
    double xx = 0;
    for (int j = first; j <= last; j++) {
      double x = Math.log(j) - meanX;
      xy += x * (Math.log(eigenvalues[j - 1]) - meanY);
      xx += x * x;
    }
    return -xy / xx;
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  private static double sumOfSquares(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return sum;
  }
}
