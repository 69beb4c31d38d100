package ibrik.ssl.eval;

import ibrik.tensor.Device;
import ibrik.tensor.random.PhiloxStream;
import java.util.Arrays;

/// Whether features have collapsed to a point or to a few directions.
///
/// Rows are features as they come, except where "unit" is said: there each row is divided by its
/// length.
///
/// @param samples rows used
/// @param dim numbers per row
/// @param std mean over features of the standard deviation (n-1) over unit rows: 0 for a point,
///   about [#isotropicStd()] for rows in all directions
/// @param rankMe [Spectrum#rankMe] of the singular values, uncentred
/// @param effectiveRank [Spectrum#effectiveRank] of the same
/// @param covarianceRank [Spectrum#effectiveRank] of the eigenvalues of the covariance
/// @param participationRatio [Spectrum#participationRatio] of the eigenvalues of the covariance
/// @param stableRank [Spectrum#stableRank] of the singular values
/// @param meanCosine mean cosine of two different rows: 1 for a point, near 0 for isotropic rows
/// @param uniformity [Hypersphere#uniformity] of unit rows: 0 for a point
public record RepresentationHealth(
    int samples,
    int dim,
    double std,
    double rankMe,
    double effectiveRank,
    double covarianceRank,
    double participationRatio,
    double stableRank,
    double meanCosine,
    double uniformity) {
  /// Rows that monitors use: enough for features up to 1,024 wide, and quick.
  public static final int DEFAULT_SAMPLES = 2048;

  /// Health of at most `maxSamples` rows, picked at random but the same in every call.
  ///
  /// **Cost** about `n d min(n,d) + 4 min(n,d)^3` operations in double.
  ///
  /// @param maxSamples at least 2; at least twice `dim` for ranks that mean something
  public static RepresentationHealth of(FeatureBank bank, int maxSamples, Device device) {
    if (bank.size() < 2 || maxSamples < 2) {
      throw new IllegalArgumentException(
          "[health] needs at least two rows; got " + bank.size() + " and a limit of " + maxSamples);
    }
    FeatureBank part = sample(bank, maxSamples);
    Columns z = Columns.of(part);
    double[] singular = z.squaredSingularValues();
    Arrays.setAll(singular, i -> Math.sqrt(singular[i]));
    double[] covariance = z.centred().squaredSingularValues(); // scale does not matter
    return new RepresentationHealth(
        part.size(),
        part.dim(),
        collapseStd(part),
        Spectrum.rankMe(singular),
        Spectrum.effectiveRank(singular),
        Spectrum.effectiveRank(covariance),
        Spectrum.participationRatio(covariance),
        Spectrum.stableRank(singular),
        meanCosine(part),
        Hypersphere.uniformity(part, device));
  }

  /// Eigenvalues of the covariance (n-1) of at most `maxSamples` rows, largest first.
  public static double[] covarianceSpectrum(FeatureBank bank, int maxSamples) {
    FeatureBank part = sample(bank, maxSamples);
    double[] values = Columns.of(part).centred().squaredSingularValues();
    Arrays.setAll(values, i -> values[i] / Math.max(1, part.size() - 1));
    return values;
  }

  private static FeatureBank sample(FeatureBank bank, int most) {
    if (bank.size() <= most) {
      return bank;
    }
    int[] rows = Arrays.copyOf(new PhiloxStream(0, 0).permutation(bank.size()), most);
    Arrays.sort(rows);
    return bank.select(rows);
  }

  /// Mean over features of the standard deviation (n-1) over rows of unit length.
  public static double collapseStd(FeatureBank bank) {
    Columns unit = Columns.of(bank.l2Normalized()).centred();
    double sum = 0;
    for (int j = 0; j < unit.count(); j++) {
      double squares = 0;
      for (double x : unit.column(j)) {
        squares += x * x;
      }
      sum += Math.sqrt(squares / (unit.rows() - 1));
    }
    return sum / unit.count();
  }

  /// Mean cosine of two different rows: `(|sum u|^2 - sum |u|^2) / (n (n - 1))`.
  public static double meanCosine(FeatureBank bank) {
    FeatureBank unit = bank.l2Normalized();
    double[] total = new double[bank.dim()];
    double own = 0;
    for (int i = 0; i < bank.size(); i++) {
      for (int j = 0; j < bank.dim(); j++) {
        double x = unit.at(i, j);
        total[j] += x;
        own += x * x;
      }
    }
    double all = 0;
    for (double x : total) {
      all += x * x;
    }
    return (all - own) / (bank.size() * (bank.size() - 1.0));
  }

  /// What [#std()] is near when unit rows point everywhere alike: `1 / sqrt(dim)`.
  public double isotropicStd() {
    return 1 / Math.sqrt(dim);
  }

  /// True if [#std()] is below a hundredth of [#isotropicStd()].
  public boolean collapsed() {
    return !(std >= 0.01 * isotropicStd());
  }
}
