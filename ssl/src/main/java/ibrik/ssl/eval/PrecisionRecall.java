package ibrik.ssl.eval;

import java.util.Arrays;
import java.util.Comparator;

/// Precision and recall along a ranking, best first, and the averages taken of them.
///
/// @param precision share of relevant items among those ranked so far
/// @param recall share of all relevant items that are ranked so far, ascending
public record PrecisionRecall(double[] precision, double[] recall) {
  /// Guard of comparisons with recall levels.
  private static final double EPS = 1e-12;

  /// Ranks items by descending score. Items of one score come together: they give one point.
  ///
  /// @throws IllegalArgumentException if no item is relevant
  public static PrecisionRecall of(double[] scores, boolean[] relevant) {
    Integer[] order = new Integer[scores.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> -scores[i]));
    boolean[] last = new boolean[order.length];
    boolean[] ranked = new boolean[order.length];
    int positives = 0;
    for (int r = 0; r < order.length; r++) {
      ranked[r] = relevant[order[r]];
      positives += ranked[r] ? 1 : 0;
      last[r] = r == order.length - 1 || scores[order[r]] != scores[order[r + 1]];
    }
    return points(ranked, last, positives);
  }

  /// Of a ranking whose every place gives a point.
  ///
  /// @param relevant by rank
  /// @param positives all relevant items, ranked or not
  /// @throws IllegalArgumentException if there are none
  public static PrecisionRecall ofRanked(boolean[] relevant, int positives) {
    boolean[] all = new boolean[relevant.length];
    Arrays.fill(all, true);
    return points(relevant, all, positives);
  }

  private static PrecisionRecall points(boolean[] ranked, boolean[] last, int positives) {
    if (positives < 1) {
      throw new IllegalArgumentException(
          "[average_precision] needs at least one relevant item; got none");
    }
    double[] precision = new double[ranked.length];
    double[] recall = new double[ranked.length];
    int found = 0;
    int count = 0;
    for (int r = 0; r < ranked.length; r++) {
      found += ranked[r] ? 1 : 0;
      if (last[r]) {
        precision[count] = found / (r + 1.0);
        recall[count++] = (double) found / positives;
      }
    }
    return new PrecisionRecall(Arrays.copyOf(precision, count), Arrays.copyOf(recall, count));
  }

  /// `sum (R_k - R_{k-1}) P_k`: no interpolation, as in scikit-learn.
  public double averagePrecision() {
    return area(precision);
  }

  /// Area under the falling envelope of precision: VOC from 2010 on.
  public double allPoint() {
    return area(envelope());
  }

  /// Mean over recall levels 0, 0.1, ..., 1 of the best precision from there on: VOC 2007.
  public double elevenPoint() {
    return levels(10);
  }

  /// Mean over recall levels 0, 0.01, ..., 1 of the envelope: COCO.
  public double oneHundredOnePoint() {
    return levels(100);
  }

  private double levels(int steps) {
    double[] best = envelope();
    double sum = 0;
    int at = 0;
    for (int i = 0; i <= steps; i++) {
      while (at < recall.length && recall[at] < (double) i / steps - EPS) {
        at++;
      }
      sum += at < recall.length ? best[at] : 0;
    }
    return sum / (steps + 1);
  }

  private double[] envelope() {
    double[] best = precision.clone();
    for (int i = best.length - 2; i >= 0; i--) {
      best[i] = Math.max(best[i], best[i + 1]);
    }
    return best;
  }

  private double area(double[] heights) {
    double sum = 0;
    double before = 0;
    for (int i = 0; i < heights.length; i++) {
      sum += (recall[i] - before) * heights[i];
      before = recall[i];
    }
    return sum;
  }
}
