package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Redundancy;

/// One dimension of the losses on batch statistics, from their definitions in f64.
final class RedundancyMeaning {
  private final int rows;
  private final int width;
  private final double[][] one;
  private final double[][] two;

  RedundancyMeaning(Tensor z1, Tensor z2) {
    rows = (int) z1.dim(0);
    width = (int) z1.dim(1);
    one = centredColumns(z1);
    two = centredColumns(z2);
  }

  private double[][] centredColumns(Tensor z) {
    float[] values = z.toFloats();
    double[][] columns = new double[width][rows];
    for (int j = 0; j < width; j++) {
      double mean = 0;
      for (int b = 0; b < rows; b++) {
        columns[j][b] = values[b * width + j];
        mean += columns[j][b] / rows;
      }
      for (int b = 0; b < rows; b++) {
        columns[j][b] -= mean;
      }
    }
    return columns;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  double barlowTwins(long at, Redundancy.BarlowTwins op) {
    int i = Math.toIntExact(at);
    double loss = 0;
    for (int j = 0; j < width; j++) {
      double scale =
          (dot(one[i], one[i]) / rows + op.eps()) * (dot(two[j], two[j]) / rows + op.eps());
      double c = dot(one[i], two[j]) / rows / Math.sqrt(scale);
      loss += j == i ? (1 - c) * (1 - c) : op.lambda() * c * c;
    }
    return loss;
  }

  double covariance(long at) {
    int i = Math.toIntExact(at);
    double loss = 0;
    for (int j = 0; j < width; j++) {
      double c = dot(one[i], one[j]) / (rows - 1);
      loss += j == i ? 0 : c * c;
    }
    return loss;
  }

  double variance(long at, Redundancy.VicregVariance op) {
    double[] column = one[Math.toIntExact(at)];
    return Math.max(0, op.target() - Math.sqrt(dot(column, column) / (rows - 1) + op.eps()));
  }
}
