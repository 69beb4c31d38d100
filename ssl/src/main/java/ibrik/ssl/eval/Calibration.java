package ibrik.ssl.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Whether a classifier is right as often as it says: items are binned by the probability of their
/// predicted class.
///
/// @param ece expected calibration error, `sum (n_b / N) |confidence_b - accuracy_b|`
/// @param mce largest `|confidence_b - accuracy_b|` of a bin with items
/// @param bins all bins, for the reliability diagram
public record Calibration(double ece, double mce, List<Bin> bins) {
  /// Bins where nothing else is asked for.
  public static final int DEFAULT_BINS = 15;

  /// One bin.
  ///
  /// @param count items
  /// @param confidence mean probability of the predicted class; 0 without items
  /// @param accuracy share classified rightly; 0 without items
  public record Bin(int count, double confidence, double accuracy) {}

  /// Copies.
  public Calibration {
    bins = List.copyOf(bins);
  }

  /// With equally wide bins `((b-1)/n, b/n]`; a confidence of 0 counts in the first.
  ///
  /// **Source** Guo et al. 2017, arXiv:1706.04599, eq. 3 and 5.
  public static Calibration of(Predictions predictions, int bins) {
    return of(confidence(predictions), correct(predictions), bins);
  }

  /// With bins of equal count, in order of confidence; where that does not come out whole, the
  /// first ones hold one more.
  public static Calibration adaptive(Predictions predictions, int bins) {
    return adaptive(confidence(predictions), correct(predictions), bins);
  }

  static Calibration of(double[] confidence, boolean[] correct, int bins) {
    check(confidence, bins);
    int[] bin = new int[confidence.length];
    for (int i = 0; i < bin.length; i++) {
      int b = Math.clamp((int) (confidence[i] * bins) - 1, 0, bins - 1);
      // Compare with the edge itself: the product above may round across it.
      while (b < bins - 1 && confidence[i] > (b + 1.0) / bins) {
        b++;
      }
      bin[i] = b;
    }
    return summarize(confidence, correct, bin, bins);
  }

  static Calibration adaptive(double[] confidence, boolean[] correct, int bins) {
    check(confidence, bins);
    Integer[] order = new Integer[confidence.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, java.util.Comparator.comparingDouble(i -> confidence[i]));
    int each = order.length / bins;
    int larger = order.length % bins;
    int[] bin = new int[order.length];
    for (int rank = 0; rank < order.length; rank++) {
      int inLarger = larger * (each + 1);
      bin[order[rank]] = rank < inLarger ? rank / (each + 1) : larger + (rank - inLarger) / each;
    }
    return summarize(confidence, correct, bin, bins);
  }

  private static void check(double[] confidence, int bins) {
    if (bins < 1 || confidence.length == 0) {
      throw new IllegalArgumentException(
          "[calibration] needs at least one bin and one item; got "
              + bins
              + " bins, "
              + confidence.length
              + " items");
    }
    for (double p : confidence) {
      if (!(p >= 0 && p <= 1 + 1e-9)) {
        throw new IllegalArgumentException(
            "[calibration] scores must be probabilities; got "
                + p
                + "; apply a softmax to logits first");
      }
    }
  }

  private static Calibration summarize(
      double[] confidence, boolean[] correct, int[] bin, int bins) {
    int[] count = new int[bins];
    int[] right = new int[bins];
    double[] sum = new double[bins];
    for (int i = 0; i < bin.length; i++) {
      count[bin[i]]++;
      right[bin[i]] += correct[i] ? 1 : 0;
      sum[bin[i]] += confidence[i];
    }
    double ece = 0;
    double mce = 0;
    List<Bin> all = new ArrayList<>();
    for (int b = 0; b < bins; b++) {
      if (count[b] == 0) {
        all.add(new Bin(0, 0, 0));
        continue;
      }
      Bin one = new Bin(count[b], sum[b] / count[b], (double) right[b] / count[b]);
      double gap = Math.abs(one.confidence - one.accuracy);
      ece += gap * count[b] / bin.length;
      mce = Math.max(mce, gap);
      all.add(one);
    }
    return new Calibration(ece, mce, all);
  }

  private static double[] confidence(Predictions predictions) {
    double[] confidence = new double[predictions.size()];
    Arrays.setAll(confidence, i -> predictions.score(i, predictions.predicted(i)));
    return confidence;
  }

  private static boolean[] correct(Predictions predictions) {
    boolean[] correct = new boolean[predictions.size()];
    for (int i = 0; i < correct.length; i++) {
      correct[i] = predictions.predicted(i) == predictions.labels()[i];
    }
    return correct;
  }

  /// Mean over items of `|p - onehot|^2`, in [0, 2].
  public static double brier(Predictions predictions) {
    double sum = 0;
    for (int i = 0; i < predictions.size(); i++) {
      for (int c = 0; c < predictions.classes(); c++) {
        double miss = predictions.score(i, c) - (predictions.labels()[i] == c ? 1 : 0);
        sum += miss * miss;
      }
    }
    return sum / predictions.size();
  }

  /// Mean of `-ln p` of the true class; infinite if one was given probability 0.
  public static double negativeLogLikelihood(Predictions predictions) {
    double sum = 0;
    for (int i = 0; i < predictions.size(); i++) {
      sum -= Math.log(predictions.score(i, predictions.labels()[i]));
    }
    return sum / predictions.size();
  }
}
