package ibrik.ssl.eval;

/// Two classifiers on the same items: what one gets right where the other errs. Items that both get
/// right or both get wrong say nothing about which is better, so that paired differences stand out
/// of chance sooner than differences of two accuracies.
///
/// **Source** McNemar 1947, Psychometrika 12(2).
///
/// @param onlyFirst items that only the first classifies rightly
/// @param onlySecond items that only the second does
/// @param items of all, at least 1
public record PairedAccuracy(int onlyFirst, int onlySecond, int items) {
  /// Two-sided 95 % of a normal distribution.
  private static final double Z = 1.959964;

  /// Checks the counts.
  public PairedAccuracy {
    if (onlyFirst < 0 || onlySecond < 0 || items < 1 || (long) onlyFirst + onlySecond > items) {
      throw new IllegalArgumentException(
          "[paired_accuracy] counts must be parts of the items; got "
              + onlyFirst
              + " and "
              + onlySecond
              + " of "
              + items);
    }
  }

  /// Compares predictions for the same items in the same order.
  public static PairedAccuracy of(Predictions first, Predictions second) {
    if (!java.util.Arrays.equals(first.labels(), second.labels())) {
      throw new IllegalArgumentException(
          "[paired_accuracy] both must be about the same items; got "
              + first.size()
              + " and "
              + second.size()
              + " items with other labels");
    }
    int onlyFirst = 0;
    int onlySecond = 0;
    for (int i = 0; i < first.size(); i++) {
      boolean one = first.predicted(i) == first.labels()[i];
      boolean two = second.predicted(i) == second.labels()[i];
      onlyFirst += one && !two ? 1 : 0;
      onlySecond += two && !one ? 1 : 0;
    }
    return new PairedAccuracy(onlyFirst, onlySecond, first.size());
  }

  /// Accuracy of the first less that of the second.
  public double difference() {
    return (double) (onlyFirst - onlySecond) / items;
  }

  /// Half the width of the 95 % interval around [#difference()], by the normal distribution.
  public double margin() {
    double apart = (double) onlyFirst - onlySecond;
    return Z * Math.sqrt(onlyFirst + onlySecond - apart * apart / items) / items;
  }

  /// How likely chance alone divides the items that tell them apart at least this unevenly: the
  /// exact two-sided test.
  public double pValue() {
    int n = onlyFirst + onlySecond;
    double term = Math.pow(2, -n); // of k = 0; below 1e-308 for n > 1022
    if (term == 0) {
      double z = (Math.abs(onlyFirst - onlySecond) - 1) / Math.sqrt(n);
      return Math.min(1, 2 * upperTail(z));
    }
    double tail = term;
    for (int k = 1; k <= Math.min(onlyFirst, onlySecond); k++) {
      term *= (double) (n - k + 1) / k;
      tail += term;
    }
    return Math.min(1, 2 * tail);
  }

  /// `P(normal > z)` for z >= 0, absolute error below 7.5e-8 (Abramowitz and Stegun 26.2.17).
  private static double upperTail(double z) {
    double t = 1 / (1 + 0.2316419 * Math.max(z, 0));
    double poly =
        t
            * (0.319381530
                + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * poly;
  }
}
