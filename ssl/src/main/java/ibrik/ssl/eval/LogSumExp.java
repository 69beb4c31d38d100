package ibrik.ssl.eval;

/// Softmax of a stretch of an array, safe from overflow.
final class LogSumExp {
  private LogSumExp() {}

  /// Replaces `count` logits from `start` on by their softmax; returns their log-sum-exp.
  static double softmax(double[] logits, int start, int count) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = start; i < start + count; i++) {
      max = Math.max(max, logits[i]);
    }
    double sum = 0;
    for (int i = start; i < start + count; i++) {
      logits[i] = Math.exp(logits[i] - max);
      sum += logits[i];
    }
    for (int i = start; i < start + count; i++) {
      logits[i] /= sum;
    }
    return max + Math.log(sum);
  }
}
