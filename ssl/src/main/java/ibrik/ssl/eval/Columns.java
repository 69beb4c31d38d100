package ibrik.ssl.eval;

import java.util.Arrays;
import java.util.stream.IntStream;

/// Features by column, in double: what second moments are computed from. Products of columns are
/// summed in one fixed order, whatever the number of threads.
final class Columns {
  private final double[][] columns;
  private final int rows;

  private Columns(double[][] columns, int rows) {
    this.columns = columns;
    this.rows = rows;
  }

  static Columns of(FeatureBank bank) {
    double[][] columns = new double[bank.dim()][bank.size()];
    for (int i = 0; i < bank.size(); i++) {
      for (int j = 0; j < bank.dim(); j++) {
        columns[j][i] = bank.at(i, j);
      }
    }
    return new Columns(columns, bank.size());
  }

  int rows() {
    return rows;
  }

  int count() {
    return columns.length;
  }

  double[] column(int j) {
    return columns[j];
  }

  double mean(int j) {
    // Measured from the first entry, so that a constant column has exactly its value as mean.
    double first = columns[j][0];
    double sum = 0;
    for (double x : columns[j]) {
      sum += x - first;
    }
    return first + sum / rows;
  }

  /// Each column less its mean.
  Columns centred() {
    double[][] result = new double[columns.length][rows];
    for (int j = 0; j < columns.length; j++) {
      double mean = mean(j);
      for (int i = 0; i < rows; i++) {
        result[j][i] = columns[j][i] - mean;
      }
    }
    return new Columns(result, rows);
  }

  /// The matrix with rows and columns exchanged: products of items instead of features.
  Columns transposed() {
    double[][] result = new double[rows][columns.length];
    for (int j = 0; j < columns.length; j++) {
      for (int i = 0; i < rows; i++) {
        result[i][j] = columns[j][i];
      }
    }
    return new Columns(result, columns.length);
  }

  /// `X^T v` for a vector of items.
  double[] times(double[] v) {
    double[] result = new double[columns.length];
    Arrays.setAll(result, j -> dot(columns[j], v));
    return result;
  }

  /// `X^T Y`.
  double[][] product(Columns other) {
    double[][] result = new double[columns.length][other.columns.length];
    IntStream.range(0, columns.length)
        .parallel()
        .forEach(i -> Arrays.setAll(result[i], j -> dot(columns[i], other.columns[j])));
    return result;
  }

  /// `X^T X`.
  double[][] gram() {
    int n = columns.length;
    double[][] result = new double[n][n];
    IntStream.range(0, n)
        .parallel()
        .forEach(
            i -> {
              for (int j = i; j < n; j++) {
                result[i][j] = dot(columns[i], columns[j]);
              }
            });
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        result[i][j] = result[j][i];
      }
    }
    return result;
  }

  /// Eigenvalues of `X^T X` that are not zero by shape, descending, at least 0: those of the
  /// smaller of `X^T X` and `X X^T`. They are the squares of the singular values of X.
  double[] squaredSingularValues() {
    Columns smaller = rows < columns.length ? transposed() : this;
    double[] values = SymmetricEigen.values(smaller.gram());
    Arrays.setAll(values, i -> Math.max(0, values[i]));
    return values;
  }

  /// Four partial sums, which is as fast as plain Java gets here.
  private static double dot(double[] a, double[] b) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 3 < a.length; i += 4) {
      s0 += a[i] * b[i];
      s1 += a[i + 1] * b[i + 1];
      s2 += a[i + 2] * b[i + 2];
      s3 += a[i + 3] * b[i + 3];
    }
    for (; i < a.length; i++) {
      s0 += a[i] * b[i];
    }
    return s0 + s1 + (s2 + s3);
  }
}
