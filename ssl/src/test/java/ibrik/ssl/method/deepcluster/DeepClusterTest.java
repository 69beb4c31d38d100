package ibrik.ssl.method.deepcluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.nn.Build;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory.Setting;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import ibrik.ssl.method.cluster.ClusterLine;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.random.PhiloxStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeepClusterTest extends MethodTest {
  private static final int BATCH = 4;
  private static final int IMAGES = 13;
  private static final int PER_EPOCH = 3;
  private static final int STEPS = 9;
  private static final int WIDTH = 3;
  private static final int CLUSTERS = 3;

  private static final DeepClusterConfig CONFIG =
      new DeepClusterConfig(5, WIDTH, CLUSTERS, 2, 4, 0.5, 1);

  private static Method create(DeepClusterConfig config) {
    Setting setting = new Setting(Build.cpu(11), Pooled::new, 0, BATCH, STEPS, IMAGES);
    return new DeepClusterFactory().create(config, setting);
  }

  /// Another order in each epoch; the last image of the order is left out.
  private static int[] images(int step) {
    int epoch = step / PER_EPOCH;
    int[] images = new int[BATCH];
    for (int i = 0; i < BATCH; i++) {
      images[i] = ((step % PER_EPOCH * BATCH + i) * 5 + 2 * epoch) % IMAGES;
    }
    return images;
  }

  private static List<Tensor> views(int step) {
    return crops(BATCH, step, 3, 3, 2);
  }

  private static List<Tensor> before(int step) {
    return crops(BATCH, 50 + step, 3, 3, 2);
  }

  /// k-means by cosine, in doubles.
  private static final class Line extends ClusterLine {
    Line(Method method) {
      super(method, WIDTH, 0.5, false);
    }

    @Override
    protected int[] clusters(double[][] rows, int head, int epoch) {
      int[] start = new PhiloxStream(11, 2L * epoch + head).permutation(rows.length);
      double[] centroids = line.numbers("prototypes" + head + ".weight");
      for (int k = 0; k < CLUSTERS; k++) {
        System.arraycopy(rows[start[k]], 0, centroids, k * WIDTH, WIDTH);
      }
      int[] nearest = nearest(rows, centroids);
      for (int i = 0; i < 4; i++) {
        double[] sums = new double[centroids.length];
        int[] counts = new int[CLUSTERS];
        for (int r = 0; r < rows.length; r++) {
          counts[nearest[r]]++;
          for (int d = 0; d < WIDTH; d++) {
            sums[nearest[r] * WIDTH + d] += rows[r][d];
          }
        }
        for (int j = 0; j < sums.length; j++) {
          centroids[j] = counts[j / WIDTH] > 0 ? sums[j] : centroids[j];
        }
        normalize(centroids, WIDTH);
        nearest = nearest(rows, centroids);
      }
      return nearest;
    }

    private static int[] nearest(double[][] rows, double[] centroids) {
      double[][] c = rows(centroids, WIDTH);
      return Arrays.stream(rows)
          .mapToInt(
              row -> {
                int best = 0;
                for (int k = 1; k < c.length; k++) {
                  best = dot(row, c[k]) > dot(row, c[best]) ? k : best;
                }
                return best;
              })
          .toArray();
    }

    void after() {}
  }

  /// Three epochs: the bank is filled by a pass without training, labels are found anew at the
  /// start of each epoch from what was seen in the one before.
  @Test
  void trainsLikeTheStraightLine() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(CONFIG);
        Trainer trainer = new Trainer(method, 0.05)) {
      Line line = new Line(method);
      for (int step = 0; step < STEPS; step++) {
        if (step == 0) {
          for (int s = 0; s < PER_EPOCH; s++) {
            line.fill(before(s), images(s));
          }
        }
        if (step % PER_EPOCH == 0) {
          method.beforeEpoch(
              step / PER_EPOCH,
              visitor -> {
                for (int s = 0; s < PER_EPOCH; s++) {
                  visitor.accept(before(s), images(s));
                }
              });
          line.cluster(step / PER_EPOCH);
          assertState(method, line.line());
        }
        double want = line.step(views(step), images(step), 0.05);
        line.after();
        assertEquals(want, trainer.step(step, views(step), unknown(BATCH), images(step)), 1e-4);
        assertState(method, line.line());
      }
      double[] labelled = snapshot(method).get("bank_labelled");
      assertArrayEquals(new double[] {1, 1}, new double[] {labelled[0], labelled[IMAGES - 1]});
    }
  }

  /// Two rows along each axis, K = 3 from random rows: the clusters are the axes, whichever rows it
  /// starts from, unless two start on one axis: then one centroid may be left alone.
  @Test
  void kMeansByCosine() {
    try (TensorScope _ = TensorScope.open()) {
      double tilt = Math.sqrt(1 - 0.01);
      Tensor rows =
          Tensor.of(
              new double[] {
                tilt, 0.1, 0, tilt, -0.1, 0, 0, tilt, 0.1, 0, tilt, -0.1, 0.1, 0, tilt, -0.1, 0,
                tilt
              },
              6,
              3);
      int right = 0;
      for (int seed = 0; seed < 8; seed++) {
        SphericalKMeans found = SphericalKMeans.fit(rows, 3, 10, new PhiloxStream(seed, 0));
        for (double square : found.centroids().square().sum(List.of(1), false).toDoubles()) {
          assertEquals(1, square, 1e-12);
        }
        int[] c = found.clusters().toInts();
        if (c[0] == c[1] && c[2] == c[3] && c[4] == c[5]) {
          right++;
          double[] first = found.centroids().narrow(0, c[0], 1).toDoubles();
          assertArrayEquals(new double[] {1, 0, 0}, first, 1e-12);
        }
      }
      assertTrue(right >= 2, right + " of 8");
      rejects(
          "[spherical_k_means] needs at least as many rows as centroids; got 6 for 7",
          () -> SphericalKMeans.fit(rows, 7, 1, new PhiloxStream(0, 0)));
    }
  }

  /// Two equal rows both become centroids; the second one loses all rows and stays.
  @Test
  void anEmptyClusterStays() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = Tensor.of(new double[] {1, 0, 1, 0}, 2, 2);
      SphericalKMeans found = SphericalKMeans.fit(rows, 2, 3, new PhiloxStream(1, 0));
      assertArrayEquals(new int[] {0, 0}, found.clusters().toInts());
      assertArrayEquals(new double[] {1, 0, 1, 0}, found.centroids().toDoubles(), 1e-12);
    }
  }

  @Test
  void prototypesAreNotTrained() {
    try (Method method = create(CONFIG)) {
      assertTrue(method.trainable().stream().noneMatch(p -> p.name().startsWith("prototypes")));
      assertTrue(method.state().containsKey("prototypes1.weight"));
      assertEquals(Math.log(CLUSTERS), method.collapseValue(), 1e-12);
      assertEquals(3, method.viewCount());
    }
  }

  @Test
  void rangesAreChecked() {
    rejects(
        "[config] temperature must be a number above 0; got 0.0",
        () -> new DeepClusterConfig(1, 1, 1, 1, 1, 0, 0));
    rejects(
        "[config] heads must be at least 1; got 0",
        () -> new DeepClusterConfig(1, 1, 1, 0, 1, 1, 0));
    rejects(
        "[config] prototypes must be at most the 12 images of an epoch; got 13",
        () -> create(new DeepClusterConfig(5, 3, 13, 2, 4, 0.5, 1)));
  }

  @Test
  void presets() {
    DeepClusterFactory factory = new DeepClusterFactory();
    DeepClusterConfig paper = factory.defaults(Preset.IMAGENET);
    assertEquals(new DeepClusterConfig(2048, 128, 3000, 3, 10, 0.1, 6), paper);
    assertEquals(
        Recipe.lars(0.6, 1e-6, 256, 800, 0).endingAt(1e-3), factory.recipe(Preset.IMAGENET));
    assertEquals(Views.swav(6), factory.views(Preset.IMAGENET));
  }
}
