package ibrik.ssl.eval;

import java.util.stream.IntStream;

/// `|W|_F^2 / (2 C n) + mean_i [logsumexp(W x_i + b) - (W x_i + b)_{y_i}]` as a function of `(W,
/// b)`: the objective of logistic regression over `C n`. Softmax and sums in double.
final class SoftmaxObjective implements Lbfgs.Objective {
  private static final int ROWS = 1024;

  private final Products products;
  private final int[] labels;
  private final int classes;
  private final int weights;
  private final double decay;

  /// @param c inverse strength of the penalty
  SoftmaxObjective(Products products, FeatureBank bank, double c) {
    this.products = products;
    this.labels = bank.labels();
    this.classes = bank.classes();
    this.weights = classes * bank.dim();
    this.decay = 1 / (c * labels.length);
  }

  @Override
  public double at(double[] x, double[] gradient) {
    int n = labels.length;
    double[] p = products.times(x);
    double[] losses = new double[Math.ceilDiv(n, ROWS)];
    IntStream.range(0, losses.length).parallel().forEach(b -> losses[b] = residuals(p, x, b));
    double loss = 0;
    for (double part : losses) {
      loss += part;
    }
    double[] pulled = products.pulledBack(p);
    double squares = 0;
    for (int i = 0; i < weights; i++) {
      gradient[i] = pulled[i] / n + decay * x[i];
      squares += x[i] * x[i];
    }
    java.util.Arrays.fill(gradient, weights, weights + classes, 0);
    for (int i = 0; i < p.length; i++) {
      gradient[weights + i % classes] += p[i] / n;
    }
    return loss / n + decay / 2 * squares;
  }

  /// Turns the products of one block of rows into `softmax - onehot`; returns its summed loss.
  private double residuals(double[] p, double[] x, int block) {
    double loss = 0;
    for (int i = block * ROWS; i < Math.min(labels.length, (block + 1) * ROWS); i++) {
      int row = i * classes;
      for (int c = 0; c < classes; c++) {
        p[row + c] += x[weights + c];
      }
      double own = p[row + labels[i]];
      loss += LogSumExp.softmax(p, row, classes) - own;
      p[row + labels[i]] -= 1;
    }
    return loss;
  }
}
