package ibrik.ssl.eval;

import java.util.Arrays;
import java.util.Comparator;

/// How well one list of numbers predicts another: for studies of which cheap score foretells which
/// expensive one. All are in [-1, 1], and NaN if either list is constant.
public final class Correlation {
  private Correlation() {}

  /// Of the values themselves.
  public static double pearson(double[] x, double[] y) {
    check(x, y);
    double meanX = Arrays.stream(x).average().orElseThrow();
    double meanY = Arrays.stream(y).average().orElseThrow();
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xy += (x[i] - meanX) * (y[i] - meanY);
      xx += (x[i] - meanX) * (x[i] - meanX);
      yy += (y[i] - meanY) * (y[i] - meanY);
    }
    return xy / Math.sqrt(xx * yy);
  }

  /// [#pearson] of the ranks; equal values share their average rank.
  public static double spearman(double[] x, double[] y) {
    check(x, y);
    return pearson(averageRanks(x), averageRanks(y));
  }

  /// Kendall's tau-b: pairs in the same order less pairs in opposite order, with ties.
  public static double kendall(double[] x, double[] y) {
    check(x, y);
    double[] equal = new double[x.length];
    Arrays.fill(equal, 0.5);
    return weighted(x, y, equal);
  }

  /// Kendall's tau where a pair counts `1 / (r_i + 1) + 1 / (r_j + 1)`: exchanges near the top
  /// matter more. The mean of ranking by x (then y) and by y (then x), largest first.
  ///
  /// **Source** Vigna 2015, "A weighted correlation index for rankings with ties"; SciPy's
  /// `weightedtau`.
  public static double weightedKendall(double[] x, double[] y) {
    check(x, y);
    return (weighted(x, y, hyperbolic(x, y)) + weighted(x, y, hyperbolic(y, x))) / 2;
  }

  /// `ln (p / (1 - p))`: spreads scores in (0, 1) over the line before [#pearson].
  public static double logit(double p) {
    return Math.log(p / (1 - p));
  }

  private static double weighted(double[] x, double[] y, double[] weight) {
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < i; j++) {
        double w = weight[i] + weight[j];
        double dx = Math.signum(x[i] - x[j]);
        double dy = Math.signum(y[i] - y[j]);
        xy += w * dx * dy;
        xx += w * dx * dx;
        yy += w * dy * dy;
      }
    }
    return xy / Math.sqrt(xx * yy);
  }

  /// `1 / (rank + 1)`, ranks from 0 at the largest by `first`, then `second`.
  private static double[] hyperbolic(double[] first, double[] second) {
    Integer[] order = new Integer[first.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(
        order,
        Comparator.comparingDouble((Integer i) -> -first[i]).thenComparingDouble(i -> -second[i]));
    double[] weight = new double[first.length];
    for (int rank = 0; rank < order.length; rank++) {
      weight[order[rank]] = 1.0 / (rank + 1);
    }
    return weight;
  }

  private static double[] averageRanks(double[] x) {
    Integer[] order = new Integer[x.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> x[i]));
    double[] ranks = new double[x.length];
    for (int from = 0; from < x.length; ) {
      int to = from;
      while (to < x.length && x[order[to]] == x[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order[i]] = (from + to - 1) / 2.0;
      }
      from = to;
    }
    return ranks;
  }

  private static void check(double[] x, double[] y) {
    if (x.length != y.length || x.length < 2) {
      throw new IllegalArgumentException(
          "[correlation] needs two lists of one length, at least 2; got "
              + x.length
              + " and "
              + y.length);
    }
  }
}
