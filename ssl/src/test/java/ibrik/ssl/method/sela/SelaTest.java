package ibrik.ssl.method.sela;

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
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelaTest extends MethodTest {
  private static final int BATCH = 4;
  private static final int IMAGES = 13;
  private static final int PER_EPOCH = 3;
  private static final int STEPS = 9;
  private static final int WIDTH = 3;
  private static final int CLUSTERS = 3;

  private static final SelaConfig CONFIG = new SelaConfig(5, WIDTH, CLUSTERS, 2, 0.3, 3, 0.5, 1);

  private static Method create(SelaConfig config) {
    Setting setting = new Setting(Build.cpu(11), Pooled::new, 0, BATCH, STEPS, IMAGES);
    return new SelaFactory().create(config, setting);
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

  /// Sinkhorn-Knopp over all known rows, in exponentials.
  private static final class Line extends ClusterLine {
    Line(Method method) {
      super(method, WIDTH, 0.5, true);
    }

    @Override
    protected int[] clusters(double[][] rows, int head, int epoch) {
      double[][] c = rows(line.numbers("prototypes" + head + ".weight"), WIDTH);
      double[][] q = new double[rows.length][CLUSTERS];
      for (int r = 0; r < rows.length; r++) {
        for (int k = 0; k < CLUSTERS; k++) {
          q[r][k] = Math.exp(dot(rows[r], c[k]) / 0.3);
        }
      }
      for (int i = 0; i < 3; i++) {
        for (int k = 0; k < CLUSTERS; k++) {
          double sum = 0;
          for (double[] row : q) {
            sum += row[k];
          }
          for (double[] row : q) {
            row[k] /= sum * CLUSTERS;
          }
        }
        for (double[] row : q) {
          double sum = Arrays.stream(row).sum();
          Arrays.setAll(row, k -> row[k] / sum / rows.length);
        }
      }
      return Arrays.stream(q)
          .mapToInt(
              row -> {
                int best = 0;
                for (int k = 1; k < CLUSTERS; k++) {
                  best = row[k] > row[best] ? k : best;
                }
                return best;
              })
          .toArray();
    }

    void after() {
      normalize(line.numbers("prototypes0.weight"), WIDTH);
      normalize(line.numbers("prototypes1.weight"), WIDTH);
    }
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

  @Test
  void prototypesAreTrained() {
    try (Method method = create(CONFIG)) {
      assertTrue(method.trainable().stream().anyMatch(p -> p.name().equals("prototypes1.weight")));
      assertEquals(Math.log(CLUSTERS), method.collapseValue(), 1e-12);
      assertEquals(3, method.viewCount());
    }
  }

  @Test
  void rangesAreChecked() {
    rejects(
        "[config] epsilon must be a number above 0; got 0.0",
        () -> new SelaConfig(1, 1, 1, 1, 0, 1, 1, 0));
    rejects(
        "[config] temperature must be a number above 0; got -1.0",
        () -> new SelaConfig(1, 1, 1, 1, 1, 1, -1, 0));
    rejects(
        "[config] prototypes must be at most the 12 images of an epoch; got 13",
        () -> create(new SelaConfig(5, 3, 13, 2, 0.3, 3, 0.5, 1)));
  }

  @Test
  void presets() {
    SelaFactory factory = new SelaFactory();
    SelaConfig paper = factory.defaults(Preset.IMAGENET);
    assertEquals(new SelaConfig(2048, 128, 3000, 3, 0.05, 10, 0.1, 4), paper);
    assertEquals(
        Recipe.lars(0.6, 1e-6, 256, 400, 0).endingAt(1e-3), factory.recipe(Preset.IMAGENET));
    assertEquals(
        List.of(160, 160, 96, 96, 96, 96),
        factory.views(Preset.IMAGENET).stream().map(view -> view.size()).toList());
    assertEquals(Views.swavCifar(0, 18), factory.views(Preset.CIFAR));
  }
}
