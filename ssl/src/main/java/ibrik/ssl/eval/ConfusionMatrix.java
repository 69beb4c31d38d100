package ibrik.ssl.eval;

import java.util.function.IntToDoubleFunction;

/// How often items of each class were given each class. For segmentation, items are pixels of the
/// whole set.
///
/// @param counts `counts[truth][predicted]`
public record ConfusionMatrix(long[][] counts) {
  /// Checks that it is square.
  public ConfusionMatrix {
    for (long[] row : counts) {
      if (row.length != counts.length) {
        throw new IllegalArgumentException(
            "[confusion] must be square; got "
                + counts.length
                + " rows, "
                + row.length
                + " columns");
      }
    }
  }

  /// Of the predicted classes.
  public static ConfusionMatrix of(Predictions predictions) {
    return of(predictions.labels(), predictions.predicted(), predictions.classes());
  }

  /// Of pairs of classes; those with truth -1 are left out.
  public static ConfusionMatrix of(int[] truth, int[] predicted, int classes) {
    if (truth.length != predicted.length) {
      throw new IllegalArgumentException(
          "[confusion] needs one prediction per item; got "
              + predicted.length
              + " for "
              + truth.length);
    }
    long[][] counts = new long[classes][classes];
    for (int i = 0; i < truth.length; i++) {
      if (truth[i] >= 0) {
        counts[truth[i]][predicted[i]]++;
      }
    }
    return new ConfusionMatrix(counts);
  }

  /// Both together.
  public ConfusionMatrix plus(ConfusionMatrix other) {
    long[][] sum = new long[classes()][classes()];
    for (int i = 0; i < classes(); i++) {
      for (int j = 0; j < classes(); j++) {
        sum[i][j] = counts[i][j] + other.counts[i][j];
      }
    }
    return new ConfusionMatrix(sum);
  }

  /// Number of classes.
  public int classes() {
    return counts.length;
  }

  /// Number of items.
  public long total() {
    long sum = 0;
    for (int c = 0; c < classes(); c++) {
      sum += truth(c);
    }
    return sum;
  }

  /// Items of class `c`.
  public long truth(int c) {
    long sum = 0;
    for (long count : counts[c]) {
      sum += count;
    }
    return sum;
  }

  /// Items given class `c`.
  public long predicted(int c) {
    long sum = 0;
    for (long[] row : counts) {
      sum += row[c];
    }
    return sum;
  }

  /// Share of items given their own class; pixel accuracy.
  public double accuracy() {
    long right = 0;
    for (int c = 0; c < classes(); c++) {
      right += counts[c][c];
    }
    return (double) right / total();
  }

  /// Share of the items of class `c` that were found; NaN if there are none.
  public double recall(int c) {
    return (double) counts[c][c] / truth(c);
  }

  /// Share of the items given class `c` that belong there; NaN if there are none.
  public double precision(int c) {
    return (double) counts[c][c] / predicted(c);
  }

  /// Harmonic mean of precision and recall, `2 n_cc / (row + column)`; also called Dice. NaN if the
  /// class occurs nowhere.
  public double f1(int c) {
    return 2.0 * counts[c][c] / (truth(c) + predicted(c));
  }

  /// Intersection over union, `n_cc / (row + column - n_cc)`; NaN if the class occurs nowhere.
  public double iou(int c) {
    return (double) counts[c][c] / (truth(c) + predicted(c) - counts[c][c]);
  }

  /// Mean recall over the classes that have items: balanced accuracy, mean pixel accuracy.
  public double balancedAccuracy() {
    return mean(this::recall);
  }

  /// Mean F1 over the classes that occur in truth or prediction.
  public double macroF1() {
    return mean(this::f1);
  }

  /// Mean intersection over union over the classes that occur in truth or prediction.
  public double meanIou() {
    return mean(this::iou);
  }

  /// Intersection over union, weighted by the items of each class.
  public double frequencyWeightedIou() {
    double sum = 0;
    for (int c = 0; c < classes(); c++) {
      sum += truth(c) == 0 ? 0 : truth(c) * iou(c);
    }
    return sum / total();
  }

  private double mean(IntToDoubleFunction score) {
    double sum = 0;
    int count = 0;
    for (int c = 0; c < classes(); c++) {
      double value = score.applyAsDouble(c);
      if (!Double.isNaN(value)) {
        sum += value;
        count++;
      }
    }
    return sum / count;
  }
}
