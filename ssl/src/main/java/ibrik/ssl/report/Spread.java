package ibrik.ssl.report;

import java.util.Arrays;
import java.util.Collection;

/// One number of several runs that differ in the seed alone.
///
/// @param values the finite ones, one per run
public record Spread(double[] values) {
  /// Two-sided 95 % of Student's t by degrees of freedom, from 1.
  private static final double[] T95 = {
    12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12,
    2.11, 2.10, 2.09, 2.09, 2.08, 2.07, 2.07, 2.06, 2.06, 2.06, 2.05, 2.05, 2.05, 2.04
  };

  private static final double Z95 = 1.96;

  /// Leaves out what is no finite number.
  public Spread {
    values = Arrays.stream(values).filter(Double::isFinite).toArray();
  }

  static Spread of(Collection<Double> values) {
    return new Spread(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /// How many runs have the number.
  public int n() {
    return values.length;
  }

  /// Mean, NaN where no run has the number.
  public double mean() {
    return Arrays.stream(values).average().orElse(Double.NaN);
  }

  /// Standard deviation over the runs (n-1), NaN for fewer than two.
  public double std() {
    if (n() < 2) {
      return Double.NaN;
    }
    double mean = mean();
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return Math.sqrt(squares / (n() - 1));
  }

  /// How far the means of two such numbers may be apart by the choice of seeds alone (95 %, Welch's
  /// test). Unknown, and 0, unless both have two runs or more.
  static double margin(Spread a, Spread b) {
    if (a.n() < 2 || b.n() < 2) {
      return 0;
    }
    double va = a.std() * a.std() / a.n();
    double vb = b.std() * b.std() / b.n();
    if (va + vb == 0) {
      return 0;
    }
    double freedom = (va + vb) * (va + vb) / (va * va / (a.n() - 1) + vb * vb / (b.n() - 1));
    int whole = Math.max(1, (int) Math.floor(freedom + 1e-9));
    double t = whole <= T95.length ? T95[whole - 1] : Z95;
    return t * Math.sqrt(va + vb);
  }

  /// Fractions as percent: `83.4 %`, or `83.4 ± 0.3 %` over several runs.
  public String percent() {
    if (n() == 0) {
      return "-";
    }
    String mean = Numbers.fixed(100 * mean(), 1);
    return (n() == 1 ? mean : mean + " ± " + Numbers.fixed(100 * std(), 1)) + " %";
  }

  /// The mean with `decimals` digits after the point.
  String meanText(int decimals) {
    return n() == 0 ? "-" : Numbers.fixed(mean(), decimals);
  }
}
