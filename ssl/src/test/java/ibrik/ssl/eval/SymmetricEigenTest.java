package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.random.PhiloxStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SymmetricEigenTest {
  @Test
  void knownAnswers() {
    assertClose(new double[] {3, 1}, SymmetricEigen.values(new double[][] {{2, 1}, {1, 2}}));
    assertClose(new double[] {7}, SymmetricEigen.values(new double[][] {{7}}));
    assertClose(new double[0], SymmetricEigen.values(new double[0][0]));
    // The second-difference matrix: 2 - 2 cos(k pi / (n+1)).
    int n = 9;
    double[][] chain = new double[n][n];
    double[] expected = new double[n];
    for (int i = 0; i < n; i++) {
      chain[i][i] = 2;
      if (i > 0) {
        chain[i][i - 1] = -1;
        chain[i - 1][i] = -1;
      }
      expected[i] = 2 - 2 * Math.cos((n - i) * Math.PI / (n + 1));
    }
    assertClose(expected, SymmetricEigen.values(chain));
  }

  /// Residual, orthogonality and order, for full, rank-deficient, block and graded matrices.
  @Test
  void vectorsSolveTheEquation() {
    PhiloxStream random = new PhiloxStream(1, 0);
    for (int n : new int[] {1, 2, 3, 4, 17, 64, 129}) {
      for (int kind = 0; kind < 5; kind++) {
        check(matrix(kind, n, random), "kind " + kind + ", n " + n);
      }
    }
  }

  /// Products of few columns: all but a few eigenvalues are rounding errors of the largest.
  @Test
  void lowRankConverges() {
    PhiloxStream random = new PhiloxStream(2, 0);
    for (int n : new int[] {100, 200}) {
      for (int rank : new int[] {1, 2, 5, 20}) {
        for (double decay : new double[] {1, 0.3}) {
          double[][] a = new double[n][n];
          double weight = 1;
          for (int k = 0; k < rank; k++, weight *= decay) {
            double[] column = new double[n];
            Arrays.setAll(column, _ -> random.nextGaussian());
            for (int i = 0; i < n; i++) {
              for (int j = 0; j < n; j++) {
                a[i][j] += weight * column[i] * column[j];
              }
            }
          }
          check(a, "n " + n + ", rank " + rank + ", decay " + decay);
        }
      }
    }
  }

  private static double[][] matrix(int kind, int n, PhiloxStream random) {
    double[][] a = new double[n][n];
    if (kind == 4) { // low rank
      for (int r = 0; r < 2; r++) {
        double[] v = random(n, random);
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < n; j++) {
            a[i][j] += v[i] * v[j];
          }
        }
      }
      return a;
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double x =
            switch (kind) {
              case 0 -> random.nextGaussian();
              case 1 -> i == j ? 3 : 0;
              case 2 -> i / 3 == j / 3 ? random.nextGaussian() : 0;
              default -> random.nextGaussian() * Math.pow(10, -0.1 * (i + j));
            };
        a[i][j] = x;
        a[j][i] = x;
      }
    }
    return a;
  }

  private static double[] random(int n, PhiloxStream random) {
    double[] v = new double[n];
    Arrays.setAll(v, _ -> random.nextGaussian());
    return v;
  }

  private static void check(double[][] a, String what) {
    int n = a.length;
    SymmetricEigen eigen = SymmetricEigen.of(a);
    double norm = 0;
    double trace = 0;
    for (int i = 0; i < n; i++) {
      trace += a[i][i];
      for (double x : a[i]) {
        norm += x * x;
      }
    }
    double tolerance = 1e-13 * n * Math.max(1e-300, Math.sqrt(norm));
    for (int k = 0; k < n; k++) {
      double[] v = eigen.vectors()[k];
      for (int i = 0; i < n; i++) {
        assertEquals(eigen.values()[k] * v[i], dot(a[i], v), tolerance, what);
      }
      for (int m = 0; m <= k; m++) {
        assertEquals(m == k ? 1 : 0, dot(eigen.vectors()[m], v), 1e-13 * n, what);
      }
      assertTrue(k == 0 || eigen.values()[k - 1] >= eigen.values()[k], what);
    }
    assertEquals(trace, Arrays.stream(eigen.values()).sum(), tolerance, what);
    double[] alone = SymmetricEigen.values(a);
    for (int i = 0; i < n; i++) {
      assertEquals(eigen.values()[i], alone[i], 0, what);
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Test
  void errors() {
    assertThrows(
        IllegalArgumentException.class, () -> SymmetricEigen.values(new double[][] {{1, 2}}));
    assertThrows(
        IllegalArgumentException.class, () -> SymmetricEigen.values(new double[][] {{Double.NaN}}));
  }

  private static void assertClose(double[] expected, double[] got) {
    org.junit.jupiter.api.Assertions.assertArrayEquals(expected, got, 1e-13);
  }
}
