package ibrik.ssl.eval;

/// Class scores of some items and their true labels: what every classifier returns and every
/// classification metric reads.
///
/// @param scores `[N, classes]`, larger is likelier; probabilities where the classifier has them
/// @param labels `[N]`, true classes
/// @param classes number of classes, at least 1
public record Predictions(double[] scores, int[] labels, int classes) {
  /// Checks sizes and labels.
  public Predictions {
    if (classes < 1 || labels.length == 0 || scores.length != (long) labels.length * classes) {
      throw new IllegalArgumentException(
          "[predictions] need at least one item and items * classes scores; got "
              + scores.length
              + " scores for "
              + labels.length
              + " items and "
              + classes
              + " classes");
    }
    for (int label : labels) {
      if (label < 0 || label >= classes) {
        throw new IllegalArgumentException(
            "[predictions] labels must be in [0, " + classes + "); got " + label);
      }
    }
  }

  /// Number of items.
  public int size() {
    return labels.length;
  }

  /// Score of class `c` for item `i`.
  public double score(int i, int c) {
    return scores[i * classes + c];
  }

  /// The class with the highest score for item `i`; of equals the smallest.
  public int predicted(int i) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (score(i, c) > score(i, best)) {
        best = c;
      }
    }
    return best;
  }

  /// [#predicted(int)] for every item.
  public int[] predicted() {
    int[] all = new int[size()];
    java.util.Arrays.setAll(all, this::predicted);
    return all;
  }

  /// Share of items whose predicted class is the true one.
  public double accuracy() {
    return topAccuracy(1);
  }

  /// Share of items whose true class is among the `k` best scores; of equal scores the smaller
  /// class counts as better. 1 where there are no more than `k` classes.
  public double topAccuracy(int k) {
    if (k < 1) {
      throw new IllegalArgumentException("[predictions] k must be at least 1; got " + k);
    }
    int right = 0;
    for (int i = 0; i < size(); i++) {
      double own = score(i, labels[i]);
      int better = 0;
      for (int c = 0; c < classes; c++) {
        double other = score(i, c);
        if (other > own || (other == own && c < labels[i])) {
          better++;
        }
      }
      right += !Double.isNaN(own) && better < k ? 1 : 0;
    }
    return (double) right / size();
  }
}
