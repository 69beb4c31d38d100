package ibrik.ssl.eval;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// Eigenvalues and eigenvectors of a real symmetric matrix, in double: Householder reflections to
/// tridiagonal form, then QL steps with implicit shifts.
///
/// **Cost** about `2 n^3` operations for values alone, `8 n^3` with vectors.
///
/// **Source** Golub and Van Loan, "Matrix Computations", 4th edition, sections 8.3.1 and 8.3.3.
///
/// @param values descending
/// @param vectors `vectors[i]` belongs to `values[i]` and has length 1; empty if not asked for
public record SymmetricEigen(double[] values, double[][] vectors) {
  /// Steps per eigenvalue; two or three are usual.
  private static final int MOST_STEPS = 60;

  /// Eigenvalues of `matrix`, descending. Reads the full square; it must be symmetric.
  public static double[] values(double[][] matrix) {
    return of(matrix, false).values();
  }

  /// Eigenvalues and eigenvectors of `matrix`. Reads the full square; it must be symmetric.
  public static SymmetricEigen of(double[][] matrix) {
    return of(matrix, true);
  }

  private static SymmetricEigen of(double[][] matrix, boolean vectors) {
    int n = matrix.length;
    double[][] a = new double[n][];
    for (int i = 0; i < n; i++) {
      if (matrix[i].length != n) {
        throw new IllegalArgumentException(
            "[eigen] matrix must be square; got " + n + " rows, " + matrix[i].length + " columns");
      }
      a[i] = matrix[i].clone();
      for (double entry : a[i]) {
        if (!Double.isFinite(entry)) {
          throw new IllegalArgumentException(
              "[eigen] entries must be finite; got " + entry + " in row " + i);
        }
      }
    }
    Tridiagonal t = Tridiagonal.of(a, vectors);
    implicitQl(t.diagonal, t.below, t.basis);
    Integer[] order = IntStream.range(0, n).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(i -> -t.diagonal[i]));
    double[] sorted = new double[n];
    double[][] sortedVectors = new double[vectors ? n : 0][];
    for (int i = 0; i < n; i++) {
      sorted[i] = t.diagonal[order[i]];
      if (vectors) {
        sortedVectors[i] = t.basis[order[i]];
      }
    }
    return new SymmetricEigen(sorted, sortedVectors);
  }

  /// `A = Q T Q^T`.
  ///
  /// @param diagonal of T
  /// @param below `below[i]` couples i and i+1; one spare place at the end
  /// @param basis rows are the columns of Q; empty if not asked for
  private record Tridiagonal(double[] diagonal, double[] below, double[][] basis) {
    /// Destroys `a`.
    static Tridiagonal of(double[][] a, boolean vectors) {
      int n = a.length;
      double[] below = new double[n];
      double[][] basis = new double[vectors ? n : 0][n];
      for (int i = 0; i < basis.length; i++) {
        basis[i][i] = 1;
      }
      double[] v = new double[n];
      double[] w = new double[n];
      for (int k = 0; k < n - 1; k++) {
        double largest = 0;
        for (int i = k + 1; i < n; i++) {
          largest = Math.max(largest, Math.abs(a[i][k]));
        }
        double square = 0;
        for (int i = k + 1; i < n; i++) {
          v[i] = largest == 0 ? 0 : a[i][k] / largest;
          square += v[i] * v[i];
        }
        double alpha = v[k + 1] > 0 ? -Math.sqrt(square) : Math.sqrt(square);
        below[k] = alpha * largest;
        if (square == v[k + 1] * v[k + 1]) {
          below[k] = a[k + 1][k]; // nothing to remove
          continue;
        }
        v[k + 1] -= alpha;
        double beta = 2 / squareLength(v, k + 1);
        reflect(a, v, w, beta, k + 1);
        for (double[] row : basis) {
          reflectRow(row, v, beta, k + 1);
        }
      }
      double[] diagonal = new double[n];
      for (int i = 0; i < n; i++) {
        diagonal[i] = a[i][i];
      }
      return new Tridiagonal(diagonal, below, transposed(basis));
    }

    /// `A <- H A H` on the rows and columns from `start`, with `H = I - beta v v^T`.
    private static void reflect(double[][] a, double[] v, double[] w, double beta, int start) {
      int n = a.length;
      Arrays.fill(w, start, n, 0);
      for (int i = start; i < n; i++) {
        double[] row = a[i];
        double factor = beta * v[i];
        for (int j = start; j < n; j++) {
          w[j] += factor * row[j];
        }
      }
      double half = 0;
      for (int i = start; i < n; i++) {
        half += w[i] * v[i];
      }
      half *= beta / 2;
      for (int i = start; i < n; i++) {
        w[i] -= half * v[i];
      }
      for (int i = start; i < n; i++) {
        double[] row = a[i];
        double vi = v[i];
        double wi = w[i];
        for (int j = start; j < n; j++) {
          row[j] -= vi * w[j] + wi * v[j];
        }
      }
    }

    private static double squareLength(double[] v, int start) {
      double sum = 0;
      for (int i = start; i < v.length; i++) {
        sum += v[i] * v[i];
      }
      return sum;
    }

    private static void reflectRow(double[] row, double[] v, double beta, int start) {
      double dot = 0;
      for (int i = start; i < v.length; i++) {
        dot += row[i] * v[i];
      }
      dot *= beta;
      for (int i = start; i < v.length; i++) {
        row[i] -= dot * v[i];
      }
    }

    private static double[][] transposed(double[][] square) {
      for (int i = 0; i < square.length; i++) {
        for (int j = 0; j < i; j++) {
          double keep = square[i][j];
          square[i][j] = square[j][i];
          square[j][i] = keep;
        }
      }
      return square;
    }
  }

  /// Turns `d` into the eigenvalues; rotates the rows of `basis` along.
  ///
  /// What is small beside the whole matrix counts as zero, as in EISPACK's tql2: the reduction has
  /// left rounding errors of that size, and where the rank is low, whole blocks consist of them.
  /// Measured by its neighbours alone such a block would not settle.
  private static void implicitQl(double[] d, double[] e, double[][] basis) {
    int n = d.length;
    double size = 0;
    for (int i = 0; i < n; i++) {
      size = Math.max(size, Math.abs(d[i]) + Math.abs(e[i]));
    }
    double zero = Math.ulp(1.0) / 2 * size;
    for (int low = 0; low < n; low++) {
      for (int step = 0; ; step++) {
        int high = low;
        while (high < n - 1 && Math.abs(e[high]) > zero) {
          high++;
        }
        if (high == low) {
          break;
        }
        if (step == MOST_STEPS) {
          throw new ArithmeticException("[eigen] no convergence for eigenvalue " + low);
        }
        sweep(d, e, basis, low, high);
      }
    }
  }

  /// One QL step on the block `low ... high`: the shift chases a bulge from the bottom to the top.
  private static void sweep(double[] d, double[] e, double[][] basis, int low, int high) {
    double ratio = (d[low + 1] - d[low]) / (2 * e[low]);
    double root = Math.hypot(ratio, 1);
    double g = d[high] - d[low] + e[low] / (ratio + Math.copySign(root, ratio));
    double s = 1;
    double c = 1;
    double p = 0;
    for (int i = high - 1; i >= low; i--) {
      double f = s * e[i];
      double b = c * e[i];
      double r = Math.hypot(f, g);
      e[i + 1] = r;
      if (r == 0) { // the block falls apart here
        d[i + 1] -= p;
        e[high] = 0;
        return;
      }
      s = f / r;
      c = g / r;
      g = d[i + 1] - p;
      r = (d[i] - g) * s + 2 * c * b;
      p = s * r;
      d[i + 1] = g + p;
      g = c * r - b;
      if (basis.length > 0) {
        rotate(basis[i], basis[i + 1], c, s);
      }
    }
    d[low] -= p;
    e[low] = g;
    e[high] = 0;
  }

  private static void rotate(double[] upper, double[] lower, double c, double s) {
    for (int k = 0; k < upper.length; k++) {
      double u = upper[k];
      double l = lower[k];
      lower[k] = s * u + c * l;
      upper[k] = c * u - s * l;
    }
  }
}
