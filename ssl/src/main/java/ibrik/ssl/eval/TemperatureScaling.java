package ibrik.ssl.eval;

/// One number that makes logits honest: probabilities are `softmax(logits / T)`. It changes no
/// predicted class.
///
/// **Source** Guo et al. 2017, arXiv:1706.04599, section 4.2.
public final class TemperatureScaling {
  private static final double LOWEST = 1e-3;
  private static final double HIGHEST = 1e3;

  private TemperatureScaling() {}

  /// The T in [0.001, 1000] that minimises the mean cross-entropy of `logits [N, classes]`: the
  /// problem is convex in `1 / T`, so the root of the derivative is found by bisection.
  public static double fit(double[] logits, int[] labels, int classes) {
    double low = 1 / HIGHEST;
    double high = 1 / LOWEST;
    for (int i = 0; i < 200 && high - low > 1e-15 * high; i++) {
      double middle = Math.sqrt(low * high);
      if (slope(logits, labels, classes, middle) > 0) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return 1 / Math.sqrt(low * high);
  }

  /// Probabilities at temperature `t`.
  public static Predictions apply(double[] logits, int[] labels, int classes, double t) {
    double[] p = new double[logits.length];
    java.util.Arrays.setAll(p, i -> logits[i] / t);
    for (int i = 0; i < labels.length; i++) {
      LogSumExp.softmax(p, i * classes, classes);
    }
    return new Predictions(p, labels, classes);
  }

  /// Derivative of the summed loss by `1 / T`: expected logit less the true one.
  private static double slope(double[] logits, int[] labels, int classes, double inverse) {
    Predictions p = apply(logits, labels, classes, 1 / inverse);
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      for (int c = 0; c < classes; c++) {
        sum += p.score(i, c) * logits[i * classes + c];
      }
      sum -= logits[i * classes + labels[i]];
    }
    return sum;
  }
}
