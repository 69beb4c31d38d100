package ibrik.ssl.eval;

import ibrik.ssl.eval.Detection.Truth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Detection by the rules of PASCAL VOC: each detection, surest first, claims the object it
/// overlaps most; above the threshold the first to claim an object is right, later ones are wrong.
///
/// **Source** Everingham et al. 2010, "The PASCAL visual object classes challenge".
///
/// @param curves for each class that has objects to find
public record VocDetection(Map<Integer, PrecisionRecall> curves) {
  /// Copies.
  public VocDetection {
    curves = Map.copyOf(curves);
  }

  /// Scores detections on all images.
  ///
  /// @param threshold intersection over union that must be exceeded; 0.5 is usual
  /// @param inclusive whether boxes are measured as in the devkit, see [Box#inclusive]
  public static VocDetection of(
      List<Truth> truths, List<Detection> detections, double threshold, boolean inclusive) {
    Map<Integer, List<Detection>> found = Detection.by(Detection::category, detections);
    Map<Integer, PrecisionRecall> curves = new java.util.TreeMap<>();
    Detection.by(Truth::category, truths)
        .forEach(
            (category, objects) -> {
              int positives = (int) objects.stream().filter(t -> !t.difficult()).count();
              if (positives > 0) {
                List<Detection> own = found.getOrDefault(category, List.of());
                boolean[] hits = hits(objects, own, threshold, inclusive);
                curves.put(category, PrecisionRecall.ofRanked(hits, positives));
              }
            });
    return new VocDetection(curves);
  }

  /// Whether each detection that counts is right, surest first.
  private static boolean[] hits(
      List<Truth> objects, List<Detection> detections, double threshold, boolean inclusive) {
    Map<Integer, List<Truth>> byImage = Detection.by(Truth::image, objects);
    List<Detection> ranked = new ArrayList<>(detections);
    ranked.sort(Comparator.comparingDouble(d -> -d.score()));
    Set<Truth> used = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
    List<Boolean> hits = new ArrayList<>();
    for (Detection detection : ranked) {
      Truth best = null;
      double most = threshold;
      for (Truth truth : byImage.getOrDefault(detection.image(), List.of())) {
        double iou =
            inclusive
                ? detection.box().inclusive().iou(truth.box().inclusive())
                : detection.box().iou(truth.box());
        if (iou > most) {
          best = truth;
          most = iou;
        }
      }
      if (best == null) {
        hits.add(false);
      } else if (!best.difficult()) {
        hits.add(used.add(best));
      }
    }
    boolean[] result = new boolean[hits.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = hits.get(i);
    }
    return result;
  }

  /// Mean over classes of the area under the envelope: VOC from 2010 on.
  public double meanAllPoint() {
    return curves.values().stream()
        .mapToDouble(PrecisionRecall::allPoint)
        .average()
        .orElse(Double.NaN);
  }

  /// Mean over classes of the 11-point average: VOC 2007.
  public double meanElevenPoint() {
    return curves.values().stream()
        .mapToDouble(PrecisionRecall::elevenPoint)
        .average()
        .orElse(Double.NaN);
  }
}
