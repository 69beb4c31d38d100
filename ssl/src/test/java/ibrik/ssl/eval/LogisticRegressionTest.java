package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.EmbeddedSets;
import ibrik.ssl.eval.LogisticRegression.Config;
import ibrik.ssl.eval.LogisticRegression.Fit;
import ibrik.tensor.Device;
import ibrik.tensor.TensorScope;
import ibrik.tensor.backend.Backends;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogisticRegressionTest extends EvalTest {
  private static final double[][] X = {{0, 0}, {1, .5}, {3, 1}, {4, 0}, {1, 3}, {0, 4}};
  private static final FeatureBank BANK = bank(X, 0, 0, 1, 1, 2, 2);

  private static Fit tight(FeatureBank bank, double c) {
    return LogisticRegression.fit(bank, Scaler.Kind.NONE, c, 500, 1e-9, Device.CPU);
  }

  @Test
  void knownAnswers() {
    Fit one = tight(BANK, 1);
    assertTrue(one.converged());
    assertClose(
        1e-6,
        new double[] {-0.562942, -0.607404, 0.818100, -0.186782, -0.255158, 0.794186},
        one.classifier().weight());
    assertClose(1e-6, new double[] {1.900271, -1.057733, -0.842538}, one.classifier().bias());
    assertEquals(1.174496, one.crossEntropy(), 1e-6);
    assertEquals(2.217425, one.objective(), 1e-6);
    assertClose(
        1e-6,
        new double[] {0.895807, 0.046513, 0.057680},
        Arrays.copyOf(one.classifier().predict(BANK, Device.CPU).scores(), 3));
    Fit ten = tight(BANK, 10);
    assertClose(
        1e-6,
        new double[] {-1.134316, -1.215635, 1.600983, -0.244476, -0.466667, 1.460111},
        ten.classifier().weight());
    assertClose(1e-6, new double[] {3.823028, -2.292078, -1.530950}, ten.classifier().bias());
    assertEquals(0.231562, ten.crossEntropy(), 1e-6);
    assertEquals(6.184149, ten.objective(), 1e-6);
  }

  @Test
  void binaryKnownAnswer() {
    FeatureBank bank = bank(X, 0, 0, 1, 1, 0, 0);
    Fit fit = LogisticRegression.binary(bank, Scaler.Kind.NONE, 1, 500, 1e-9, Device.CPU);
    assertClose(1e-6, new double[] {0, 0, 1.108931, -0.256874}, fit.classifier().weight());
    assertClose(1e-6, new double[] {0, -2.354099}, fit.classifier().bias());
    double[] logits = fit.classifier().logits(bank, Device.CPU);
    double[] decisions = new double[6];
    Arrays.setAll(decisions, i -> logits[2 * i + 1]);
    assertClose(
        1e-6,
        new double[] {-2.354099, -1.373604, 0.715821, 2.081625, -2.015788, -3.381593},
        decisions);
  }

  /// Another road to the same optimum: Newton's method with the full Hessian.
  @Test
  void newtonAgrees() {
    FeatureBank bank = clusters(60, 3, 3, 1.5, 1);
    double c = 0.7;
    Fit fit = tight(bank, c);
    double[] theta = newton(bank, c);
    assertClose(1e-6, Arrays.copyOf(theta, 9), fit.classifier().weight());
    double[] bias = Arrays.copyOfRange(theta, 9, 12);
    assertClose(1e-6, bias, fit.classifier().bias());
    for (int j = 0; j < 3; j++) {
      double[] w = fit.classifier().weight();
      assertEquals(0, w[j] + w[3 + j] + w[6 + j], 1e-8);
    }
    assertEquals(0, Arrays.stream(fit.classifier().bias()).sum(), 1e-8);
  }

  private static double[] newton(FeatureBank bank, double c) {
    int d = bank.dim();
    int k = bank.classes();
    int n = k * (d + 1);
    double[] theta = new double[n]; // W, then b
    for (int step = 0; step < 50; step++) {
      double[] g = new double[n];
      double[][] h = new double[n][n];
      for (int i = 0; i < k * d; i++) {
        g[i] = theta[i];
        h[i][i] = 1;
      }
      h[n - 1][n - 1] += 1e-9; // one direction of b is free
      for (int row = 0; row < bank.size(); row++) {
        double[] x = new double[d + 1];
        double[] p = new double[k];
        x[d] = 1;
        for (int j = 0; j < d; j++) {
          x[j] = bank.at(row, j);
        }
        for (int a = 0; a < k; a++) {
          for (int j = 0; j <= d; j++) {
            p[a] += theta[place(a, j, d, k)] * x[j];
          }
        }
        LogSumExp.softmax(p, 0, k);
        for (int a = 0; a < k; a++) {
          for (int j = 0; j <= d; j++) {
            g[place(a, j, d, k)] += c * (p[a] - (bank.labels()[row] == a ? 1 : 0)) * x[j];
            for (int b = 0; b < k; b++) {
              for (int m = 0; m <= d; m++) {
                h[place(a, j, d, k)][place(b, m, d, k)] +=
                    c * p[a] * ((a == b ? 1 : 0) - p[b]) * x[j] * x[m];
              }
            }
          }
        }
      }
      double[] delta = solve(h, g);
      for (int i = 0; i < n; i++) {
        theta[i] -= delta[i];
      }
    }
    double mean = (theta[n - 1] + theta[n - 2] + theta[n - 3]) / 3;
    for (int i = k * d; i < n; i++) {
      theta[i] -= mean;
    }
    return theta;
  }

  private static int place(int a, int j, int d, int k) {
    return j < d ? a * d + j : k * d + a;
  }

  /// Gauss-Jordan with pivoting.
  private static double[] solve(double[][] a, double[] right) {
    int n = right.length;
    double[] x = right.clone();
    for (int col = 0; col < n; col++) {
      int pivot = col;
      for (int i = col; i < n; i++) {
        pivot = Math.abs(a[i][col]) > Math.abs(a[pivot][col]) ? i : pivot;
      }
      double[] row = a[pivot];
      a[pivot] = a[col];
      a[col] = row;
      double keep = x[pivot];
      x[pivot] = x[col];
      x[col] = keep;
      for (int i = 0; i < n; i++) {
        if (i != col) {
          double f = a[i][col] / a[col][col];
          for (int j = 0; j < n; j++) {
            a[i][j] -= f * a[col][j];
          }
          x[i] -= f * x[col];
        }
      }
    }
    for (int i = 0; i < n; i++) {
      x[i] /= a[i][i];
    }
    return x;
  }

  /// Too large for f64: the f32 optimum, its gradient computed once more in double.
  @Test
  void singlePrecisionReachesTheOptimum() {
    FeatureBank bank = clusters(900, 40, 6, 3, 2);
    double c = 0.05;
    Fit fit = LogisticRegression.fit(bank, Scaler.Kind.NONE, c, 300, 1e-5, Device.CPU);
    assertTrue(fit.converged(), () -> "gradient " + fit.gradientMax());
    double[] w = fit.classifier().weight();
    double[] b = fit.classifier().bias();
    double[] gradient = new double[w.length];
    double loss = 0;
    for (int i = 0; i < bank.size(); i++) {
      double[] p = b.clone();
      for (int a = 0; a < 6; a++) {
        for (int j = 0; j < 40; j++) {
          p[a] += w[a * 40 + j] * bank.at(i, j);
        }
      }
      double own = p[bank.labels()[i]];
      loss += LogSumExp.softmax(p, 0, 6) - own;
      for (int a = 0; a < 6; a++) {
        for (int j = 0; j < 40; j++) {
          gradient[a * 40 + j] +=
              (p[a] - (bank.labels()[i] == a ? 1 : 0)) * bank.at(i, j) / bank.size();
        }
      }
    }
    for (int i = 0; i < w.length; i++) {
      assertEquals(0, gradient[i] + w[i] / (c * bank.size()), 2e-5);
    }
    assertEquals(loss, fit.crossEntropy(), 1e-5 * loss);
  }

  /// More rows than f32 sums at once: every row counts once.
  @Test
  void productsOverManyRows() {
    FeatureBank bank = clusters(9001, 3, 2, 1, 8);
    double[] residuals = new double[9001 * 2];
    double[] expected = new double[6];
    for (int i = 0; i < 9001; i++) {
      residuals[2 * i] = 1;
      residuals[2 * i + 1] = i % 3 - 1;
      for (int j = 0; j < 3; j++) {
        expected[j] += bank.at(i, j);
        expected[3 + j] += (i % 3 - 1) * bank.at(i, j);
      }
    }
    try (TensorScope _ = TensorScope.open();
        Products products = new Products(bank, 2, Device.CPU)) {
      assertTrue(products.noise() > 0);
      assertClose(2e-2, expected, products.pulledBack(residuals));
    }
  }

  @Test
  void valueFallsMonotonically() {
    FeatureBank bank = clusters(200, 5, 4, 2, 3);
    double last = Double.POSITIVE_INFINITY;
    for (int iterations = 0; iterations < 12; iterations++) {
      double now =
          LogisticRegression.fit(bank, Scaler.Kind.NONE, 1, iterations, 1e-12, Device.CPU)
              .objective();
      assertTrue(now < last, "iteration " + iterations);
      last = now;
    }
  }

  @Test
  void probeChoosesOnHeldOutItemsAndBeatsTheFloor() {
    DataSet fashion = EmbeddedSets.fashion();
    FeatureBank train = FeatureBank.pixels(fashion.train().first(1500));
    FeatureBank test = FeatureBank.pixels(fashion.test().first(500));
    Config config = new Config(Scaler.Kind.NONE, List.of(1.0, 0.1, 1e-5), 0.2, 60, 1e-3, 0);
    LogisticRegression.Result result = LogisticRegression.probe(train, test, config, Device.CPU);
    assertEquals(3, result.heldOutAccuracy().size());
    double best = result.heldOutAccuracy().stream().mapToDouble(x -> x).max().orElseThrow();
    assertEquals(config.cs().get(result.heldOutAccuracy().indexOf(best)), result.fit().c());
    assertTrue(result.fit().c() > 1e-5);
    assertTrue(result.accuracy() > 0.75, () -> "" + result.accuracy());
    assertTrue(result.test().topAccuracy(5) > 0.97);
  }

  @Test
  void sameBitsForAnyNumberOfThreads() {
    FeatureBank bank = clusters(3000, 30, 5, 3, 4);
    try {
      Backends.threads(1);
      Fit one = LogisticRegression.fit(bank, Scaler.Kind.STANDARD, 1, 15, 1e-6, Device.CPU);
      Backends.threads(4);
      Fit four = LogisticRegression.fit(bank, Scaler.Kind.STANDARD, 1, 15, 1e-6, Device.CPU);
      assertArrayEquals(one.classifier().weight(), four.classifier().weight());
    } finally {
      Backends.threads(Runtime.getRuntime().availableProcessors());
    }
  }

  @Test
  void scalers() {
    FeatureBank train = bank(new double[][] {{1, 5, 0}, {3, 5, 4}}, 0, 1);
    FeatureBank other = bank(new double[][] {{5, 6, 2}}, 0);
    assertArrayEquals(
        new float[] {3, 1, 0}, Scaler.fit(Scaler.Kind.STANDARD, train).apply(other).features());
    assertArrayEquals(
        other.features(), Scaler.fit(Scaler.Kind.NONE, train).apply(other).features());
    assertArrayEquals(
        other.l2Normalized().features(),
        Scaler.fit(Scaler.Kind.UNIT, train).apply(other).features());
    // After a standard scaler any scale of the raw features gives the same fit.
    FeatureBank a = clusters(50, 4, 3, 2, 5);
    float[] stretched = a.features().clone();
    for (int i = 0; i < stretched.length; i++) {
      stretched[i] = stretched[i] * 4 + 2;
    }
    FeatureBank b = new FeatureBank(stretched, 4, a.labels(), 3);
    for (Scaler.Kind kind : List.of(Scaler.Kind.STANDARD)) {
      assertClose(
          1e-5,
          LogisticRegression.fit(a, kind, 1, 200, 1e-8, Device.CPU).classifier().weight(),
          LogisticRegression.fit(b, kind, 1, 200, 1e-8, Device.CPU).classifier().weight());
    }
    double[][] moments = new double[2][4];
    FeatureBank scaled = Scaler.fit(Scaler.Kind.UNIT_STANDARD, a).apply(a);
    for (int i = 0; i < 50; i++) {
      for (int j = 0; j < 4; j++) {
        moments[0][j] += scaled.at(i, j) / 50.0;
        moments[1][j] += scaled.at(i, j) * scaled.at(i, j) / 50.0;
      }
    }
    assertClose(1e-6, new double[4], moments[0]);
    assertClose(1e-5, new double[] {1, 1, 1, 1}, moments[1]);
  }

  @Test
  void splits() {
    FeatureBank bank = clusters(200, 1, 4, 1, 6);
    LabelSplits.Split split = LabelSplits.share(bank, 0.25, 7);
    assertEquals(200, split.chosen().length + split.rest().length);
    int[] all = new int[200];
    Arrays.stream(split.chosen()).forEach(i -> all[i]++);
    Arrays.stream(split.rest()).forEach(i -> all[i]++);
    assertTrue(Arrays.stream(all).allMatch(count -> count == 1));
    for (int c = 0; c < 4; c++) {
      int label = c;
      long members = Arrays.stream(bank.labels()).filter(l -> l == label).count();
      long chosen = Arrays.stream(split.chosen()).filter(i -> bank.labels()[i] == label).count();
      assertEquals(Math.round(members * 0.25), chosen);
    }
    assertArrayEquals(split.chosen(), LabelSplits.share(bank, 0.25, 7).chosen());
    assertFalse(Arrays.equals(split.chosen(), LabelSplits.share(bank, 0.25, 8).chosen()));
    assertEquals(12, LabelSplits.perClass(bank, 3, 1).chosen().length);
    assertThrows(IllegalArgumentException.class, () -> LabelSplits.perClass(bank, 100, 1));
    assertThrows(IllegalArgumentException.class, () -> LabelSplits.share(bank, 1, 1));
    assertEquals(4, LabelSplits.share(bank, 0.0001, 1).chosen().length);
  }
}
