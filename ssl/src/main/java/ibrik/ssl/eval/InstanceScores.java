package ibrik.ssl.eval;

import java.util.Map;
import java.util.TreeMap;

/// How well a map of instances, such as cell nuclei, agrees with the true one. Pixels hold the
/// number of their instance, 0 for background; numbers need not agree.
///
/// @param detectionQuality `TP / (TP + FP/2 + FN/2)`, where a match has IoU above 0.5
/// @param segmentationQuality mean IoU of the matches; 0 without matches
/// @param panopticQuality product of both
/// @param aji aggregated Jaccard index
/// @param dice `2 |A and B| / (|A| + |B|)` of foreground against background
public record InstanceScores(
    double detectionQuality,
    double segmentationQuality,
    double panopticQuality,
    double aji,
    double dice) {
  private record Pair(int truth, int predicted) {}

  /// Of two maps of one size; at least one holds an instance.
  ///
  /// **Source** Kirillov et al. 2019, arXiv:1801.00868, eq. 1; AJI: Kumar et al. 2017, with the
  /// prediction of best IoU for each true instance, whether used before or not.
  public static InstanceScores of(int[] truth, int[] predicted) {
    if (truth.length != predicted.length) {
      throw new IllegalArgumentException(
          "[instances] maps must have one size; got " + truth.length + " and " + predicted.length);
    }
    Map<Integer, Long> truths = new TreeMap<>();
    Map<Integer, Long> predictions = new TreeMap<>();
    Map<Pair, Long> overlaps =
        new TreeMap<>(
            java.util.Comparator.comparingInt(Pair::truth).thenComparingInt(Pair::predicted));
    long both = 0;
    for (int i = 0; i < truth.length; i++) {
      if (truth[i] != 0) {
        truths.merge(truth[i], 1L, Long::sum);
      }
      if (predicted[i] != 0) {
        predictions.merge(predicted[i], 1L, Long::sum);
      }
      if (truth[i] != 0 && predicted[i] != 0) {
        overlaps.merge(new Pair(truth[i], predicted[i]), 1L, Long::sum);
        both++;
      }
    }
    int matches = 0;
    double ious = 0;
    Map<Integer, Pair> best = new TreeMap<>();
    Map<Integer, Double> bestIou = new TreeMap<>();
    for (Map.Entry<Pair, Long> entry : overlaps.entrySet()) {
      Pair pair = entry.getKey();
      double iou = (double) entry.getValue() / union(pair, truths, predictions, overlaps);
      if (iou > 0.5) {
        matches++;
        ious += iou;
      }
      if (iou > bestIou.getOrDefault(pair.truth, 0.0)) {
        bestIou.put(pair.truth, iou);
        best.put(pair.truth, pair);
      }
    }
    double dq = 2.0 * matches / (truths.size() + predictions.size());
    double sq = matches == 0 ? 0 : ious / matches;
    return new InstanceScores(
        dq,
        sq,
        dq * sq,
        aji(truths, predictions, overlaps, best),
        2.0 * both / (sum(truths) + sum(predictions)));
  }

  private static double aji(
      Map<Integer, Long> truths,
      Map<Integer, Long> predictions,
      Map<Pair, Long> overlaps,
      Map<Integer, Pair> best) {
    long intersections = 0;
    long unions = 0;
    Map<Integer, Long> unused = new TreeMap<>(predictions);
    for (Map.Entry<Integer, Long> entry : truths.entrySet()) {
      Pair pair = best.get(entry.getKey());
      if (pair == null) {
        unions += entry.getValue();
      } else {
        intersections += overlaps.getOrDefault(pair, 0L);
        unions += union(pair, truths, predictions, overlaps);
        unused.remove(pair.predicted);
      }
    }
    return (double) intersections / (unions + sum(unused));
  }

  private static long union(
      Pair pair,
      Map<Integer, Long> truths,
      Map<Integer, Long> predictions,
      Map<Pair, Long> overlaps) {
    return truths.getOrDefault(pair.truth, 0L)
        + predictions.getOrDefault(pair.predicted, 0L)
        - overlaps.getOrDefault(pair, 0L);
  }

  private static long sum(Map<Integer, Long> areas) {
    return areas.values().stream().mapToLong(Long::longValue).sum();
  }
}
