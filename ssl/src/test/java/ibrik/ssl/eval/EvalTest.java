package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.tensor.backend.Backend;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.random.PhiloxStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// Every test ends with as many live tensor bytes as it started with.
abstract class EvalTest {
  private long before;

  private static long liveBytes() {
    return Backends.all().stream().mapToLong(EvalTest::liveBytes).sum();
  }

  private static long liveBytes(Backend backend) {
    return backend.memory(0).liveBytes();
  }

  @BeforeEach
  final void countBytes() {
    before = liveBytes();
  }

  @AfterEach
  final void noLeak() {
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  static FeatureBank bank(double[][] rows, int... labels) {
    float[] features = new float[rows.length * rows[0].length];
    for (int i = 0; i < features.length; i++) {
      features[i] = (float) rows[i / rows[0].length][i % rows[0].length];
    }
    int classes = 0;
    for (int label : labels) {
      classes = Math.max(classes, label + 1);
    }
    return new FeatureBank(features, rows[0].length, labels, classes);
  }

  /// Without labels that matter: all of class 0.
  static FeatureBank rows(double[]... rows) {
    return bank(rows, new int[rows.length]);
  }

  /// `n` items around one random centre per class, `spread` wide.
  static FeatureBank clusters(int n, int dim, int classes, double spread, long seed) {
    PhiloxStream random = new PhiloxStream(seed, 1);
    double[] centres = new double[classes * dim];
    for (int i = 0; i < centres.length; i++) {
      centres[i] = random.nextGaussian();
    }
    float[] features = new float[n * dim];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = random.nextInt(classes);
      for (int j = 0; j < dim; j++) {
        features[i * dim + j] =
            (float) (centres[labels[i] * dim + j] + spread * random.nextGaussian());
      }
    }
    return new FeatureBank(features, dim, labels, classes);
  }

  static void assertClose(double tolerance, double[] expected, double... got) {
    org.junit.jupiter.api.Assertions.assertArrayEquals(expected, got, tolerance);
  }
}
