package ibrik.ssl.eval;

import java.util.Arrays;

/// A number with the 95 % confidence interval around it.
///
/// @param value the estimate
/// @param low lower end
/// @param high upper end
public record Interval(double value, double low, double high) {
  private static final double Z = 1.96;

  /// A share of `right` in `total` independent items, by Wilson's score: stays in [0, 1] and is
  /// fair near the ends.
  ///
  /// **Source** Wilson 1927, J. Am. Stat. Assoc. 22.
  public static Interval ofShare(long right, long total) {
    if (right < 0 || total < 1 || right > total) {
      throw new IllegalArgumentException(
          "[interval] needs 0 <= right <= total, total >= 1; got " + right + " of " + total);
    }
    double p = (double) right / total;
    double z2 = Z * Z / total;
    double centre = (p + z2 / 2) / (1 + z2);
    double half = Z / (1 + z2) * Math.sqrt(p * (1 - p) / total + z2 / (4 * total));
    return new Interval(p, Math.max(0, centre - half), Math.min(1, centre + half));
  }

  /// The mean of `values`, plus or minus `1.96 std / sqrt(n)` with the deviation over n.
  public static Interval ofMean(double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("[interval] needs at least one value; got none");
    }
    double mean = Arrays.stream(values).average().orElseThrow();
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    double half = Z * Math.sqrt(squares / values.length) / Math.sqrt(values.length);
    return new Interval(mean, mean - half, mean + half);
  }

  /// Half the width.
  public double half() {
    return (high - low) / 2;
  }
}
