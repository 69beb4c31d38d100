package ibrik.ssl.eval;

import ibrik.ssl.eval.Detection.Truth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Detection by the rules of COCO. All numbers are means over the classes that have objects in
/// question, and over thresholds of intersection over union where none is named; -1 where no class
/// has any.
///
/// **Source** Lin et al. 2014, arXiv:1405.0312; conventions of pycocotools.
///
/// @param ap mean over thresholds 0.50, 0.55, ..., 0.95 of the 101-point average precision
/// @param ap50 at threshold 0.50
/// @param ap75 at threshold 0.75
/// @param apSmall of objects below 32 x 32 pixels
/// @param apMedium of objects from there to 96 x 96 pixels
/// @param apLarge of objects above
/// @param ar1 recall with the surest detection of each class per image
/// @param ar10 recall with the surest ten
/// @param ar100 recall with the surest hundred, which is what all precisions use
public record CocoDetection(
    double ap,
    double ap50,
    double ap75,
    double apSmall,
    double apMedium,
    double apLarge,
    double ar1,
    double ar10,
    double ar100) {
  private static final int THRESHOLDS = 10;
  private static final int MOST = 100;

  /// Objects whose area in pixels lies in `[low, high]`.
  private record Sizes(double low, double high) {
    static final Sizes ALL = new Sizes(0, 1e10);
    static final Sizes SMALL = new Sizes(0, 32 * 32);
    static final Sizes MEDIUM = new Sizes(32 * 32, 96 * 96);
    static final Sizes LARGE = new Sizes(96 * 96, 1e10);

    boolean outside(double area) {
      return area < low || area > high;
    }
  }

  /// One detection at one threshold.
  ///
  /// @param counts false where it found an object that does not count, or nothing of this size
  private record Verdict(double score, boolean right, boolean counts) {}

  /// Average precision and largest recall of one class at one threshold.
  private record Score(double precision, double recall) {}

  /// Scores detections on all images.
  public static CocoDetection of(List<Truth> truths, List<Detection> detections) {
    double[] all = new double[THRESHOLDS];
    double[] recall = new double[THRESHOLDS];
    double[] one = new double[THRESHOLDS];
    double[] ten = new double[THRESHOLDS];
    for (int t = 0; t < THRESHOLDS; t++) {
      Score full = score(truths, detections, t, Sizes.ALL, MOST);
      all[t] = full.precision;
      recall[t] = full.recall;
      one[t] = score(truths, detections, t, Sizes.ALL, 1).recall;
      ten[t] = score(truths, detections, t, Sizes.ALL, 10).recall;
    }
    return new CocoDetection(
        mean(all),
        all[0],
        all[5],
        meanPrecision(truths, detections, Sizes.SMALL),
        meanPrecision(truths, detections, Sizes.MEDIUM),
        meanPrecision(truths, detections, Sizes.LARGE),
        mean(one),
        mean(ten),
        mean(recall));
  }

  private static double meanPrecision(List<Truth> truths, List<Detection> detections, Sizes sizes) {
    return mean(
        IntStream.range(0, THRESHOLDS)
            .mapToDouble(t -> score(truths, detections, t, sizes, MOST).precision)
            .toArray());
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  /// Mean over classes, for threshold number `t`.
  private static Score score(
      List<Truth> truths, List<Detection> detections, int t, Sizes sizes, int most) {
    Map<Integer, List<Detection>> found = Detection.by(Detection::category, detections);
    List<Score> scores = new ArrayList<>();
    Detection.by(Truth::category, truths)
        .forEach(
            (category, objects) -> {
              int positives = (int) objects.stream().filter(o -> !ignored(o, sizes)).count();
              if (positives > 0) {
                List<Detection> own = found.getOrDefault(category, List.of());
                scores.add(score(verdicts(objects, own, t, sizes, most), positives));
              }
            });
    return new Score(
        scores.stream().mapToDouble(Score::precision).average().orElse(-1),
        scores.stream().mapToDouble(Score::recall).average().orElse(-1));
  }

  private static Score score(List<Verdict> verdicts, int positives) {
    List<Verdict> ranked = new ArrayList<>(verdicts);
    ranked.removeIf(v -> !v.counts);
    ranked.sort(Comparator.comparingDouble(v -> -v.score));
    boolean[] right = new boolean[ranked.size()];
    for (int i = 0; i < right.length; i++) {
      right[i] = ranked.get(i).right;
    }
    PrecisionRecall curve = PrecisionRecall.ofRanked(right, positives);
    double recall = right.length == 0 ? 0 : curve.recall()[right.length - 1];
    return new Score(curve.oneHundredOnePoint(), recall);
  }

  private static boolean ignored(Truth truth, Sizes sizes) {
    return truth.crowd() || sizes.outside(truth.area());
  }

  private static List<Verdict> verdicts(
      List<Truth> objects, List<Detection> detections, int t, Sizes sizes, int most) {
    Map<Integer, List<Truth>> objectsOf = Detection.by(Truth::image, objects);
    Map<Integer, List<Detection>> detectionsOf = Detection.by(Detection::image, detections);
    Set<Integer> images = new TreeSet<>(detectionsOf.keySet());
    List<Verdict> verdicts = new ArrayList<>();
    for (int image : images) {
      List<Truth> here = new ArrayList<>(objectsOf.getOrDefault(image, List.of()));
      here.sort(Comparator.comparing(o -> ignored(o, sizes))); // those that count come first
      List<Detection> surest = new ArrayList<>(detectionsOf.getOrDefault(image, List.of()));
      surest.sort(Comparator.comparingDouble(d -> -d.score()));
      boolean[] taken = new boolean[here.size()];
      for (Detection detection : surest.subList(0, Math.min(most, surest.size()))) {
        verdicts.add(verdict(detection, here, taken, (50 + 5 * t) / 100.0, sizes));
      }
    }
    return verdicts;
  }

  /// Takes the free object with the largest overlap, one that counts before one that does not.
  private static Verdict verdict(
      Detection detection, List<Truth> here, boolean[] taken, double threshold, Sizes sizes) {
    int best = -1;
    double overlap = threshold;
    for (int i = 0; i < here.size(); i++) {
      Truth truth = here.get(i);
      if (taken[i] && !truth.crowd()) {
        continue;
      }
      if (best >= 0 && ignored(truth, sizes) && !ignored(here.get(best), sizes)) {
        break;
      }
      double iou = overlap(detection.box(), truth);
      if (iou >= overlap) {
        best = i;
        overlap = iou;
      }
    }
    if (best < 0) {
      return new Verdict(detection.score(), false, !sizes.outside(detection.box().area()));
    }
    taken[best] = true;
    boolean counts = !ignored(here.get(best), sizes);
    return new Verdict(detection.score(), counts, counts);
  }

  /// A crowd counts as overlapped by the share of the detection that lies in it.
  private static double overlap(Box box, Truth truth) {
    return truth.crowd()
        ? box.intersection(truth.box()) / Math.max(box.area(), Double.MIN_NORMAL)
        : box.iou(truth.box());
  }
}
