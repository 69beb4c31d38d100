package ibrik.ssl.method.swav;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import ibrik.ssl.method.StraightLine;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SwavTest extends MethodTest {
  private static final int BATCH = 6;
  private static final int WIDTH = 3;
  private static final int PROTOTYPES = 4;
  private static final int QUEUE = 12;
  private static final int STEPS = 6;

  /// A queue that is in use from step 2 on, prototypes that stand still for two steps, one small
  /// view.
  private static final SwavConfig CONFIG =
      new SwavConfig(5, WIDTH, PROTOTYPES, 0.5, 0.3, 3, QUEUE, 0, 1, 1);

  private static Method create(SwavConfig config) {
    return new SwavFactory().create(config, pooledSetting(BATCH, 2, STEPS));
  }

  private static List<Tensor> views(long step) {
    return crops(BATCH, step, 3, 3, 2);
  }

  /// Embeddings of all views from numbers, as the queue and the codes see them.
  private static double[][] rows(Tensor x) {
    double[] all = x.toDoubles();
    int width = (int) x.dim(1);
    return IntStream.range(0, (int) x.dim(0))
        .mapToObj(i -> Arrays.copyOfRange(all, i * width, (i + 1) * width))
        .toArray(double[][]::new);
  }

  private static double[] row(double[] rows, int i) {
    return Arrays.copyOfRange(rows, i * WIDTH, (i + 1) * WIDTH);
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }

  /// Codes of the last `count` rows, in exponentials, samples last.
  private static double[] sinkhorn(double[][] embeddings, double[] prototypes, int count) {
    int n = embeddings.length;
    double[][] q = new double[PROTOTYPES][n];
    for (int k = 0; k < PROTOTYPES; k++) {
      for (int b = 0; b < n; b++) {
        q[k][b] = Math.exp(dot(embeddings[b], row(prototypes, k)) / 0.3);
      }
    }
    for (int iteration = 0; iteration < 3; iteration++) {
      for (double[] line : q) {
        double sum = Arrays.stream(line).sum();
        Arrays.setAll(line, b -> line[b] / sum / PROTOTYPES);
      }
      for (int b = 0; b < n; b++) {
        double sum = 0;
        for (double[] line : q) {
          sum += line[b];
        }
        for (double[] line : q) {
          line[b] /= sum * n;
        }
      }
    }
    double[] codes = new double[count * PROTOTYPES];
    for (int b = 0; b < count; b++) {
      for (int k = 0; k < PROTOTYPES; k++) {
        codes[b * PROTOTYPES + k] = q[k][n - count + b] * n;
      }
    }
    return codes;
  }

  private static final class Line {
    final StraightLine line;
    final double[][][] fresh = new double[2][][];

    Line(Method method) {
      line = new StraightLine(method);
    }

    Tensor loss(List<Tensor> views, boolean queue) {
      Tensor y = line.pooled("encoder", views, 2);
      Tensor z = StraightLine.unit(line.head("projector", y));
      Tensor scores = z.matMul(line.leaf("prototypes.weight"), false, true);
      double[] prototypes = line.numbers("prototypes.weight");
      Tensor logs = scores.mul(2).exp(); // t = 0.5
      logs = logs.div(logs.sum(List.of(1), true)).log();
      Tensor total = null;
      for (int i = 0; i < 2; i++) {
        fresh[i] = rows(z.narrow(0, (long) i * BATCH, BATCH));
        double[][] all = fresh[i];
        if (queue) {
          double[] old = line.numbers("queue" + i + ".rows");
          all = new double[QUEUE + BATCH][];
          for (int r = 0; r < QUEUE; r++) {
            all[r] = row(old, r);
          }
          System.arraycopy(fresh[i], 0, all, QUEUE, BATCH);
        }
        Tensor code = Tensor.of(sinkhorn(all, prototypes, BATCH), BATCH, PROTOTYPES);
        for (int v = 0; v < 3; v++) {
          if (v != i) {
            Tensor part = logs.narrow(0, (long) v * BATCH, BATCH).mul(code).sum();
            total = total == null ? part : total.add(part);
          }
        }
      }
      assertFalse(total == null);
      return total.mul(-1.0 / (2 * 2 * BATCH));
    }

    /// Prototypes back to the sphere, the batch into the queues.
    void after(int step) {
      double[] prototypes = line.numbers("prototypes.weight");
      for (int k = 0; k < PROTOTYPES; k++) {
        double[] c = row(prototypes, k);
        double length = Math.sqrt(dot(c, c));
        for (int d = 0; d < WIDTH; d++) {
          prototypes[k * WIDTH + d] /= length;
        }
      }
      int blocks = QUEUE / BATCH;
      for (int i = 0; i < 2; i++) {
        double[] rows = line.numbers("queue" + i + ".rows");
        for (int b = 0; b < BATCH; b++) {
          System.arraycopy(fresh[i][b], 0, rows, (step % blocks * BATCH + b) * WIDTH, WIDTH);
        }
        line.numbers("queue" + i + ".position")[0] = (step + 1) % blocks;
        double[] ages = line.numbers("queue" + i + ".ages");
        Arrays.setAll(ages, a -> ages[a] > 0 ? ages[a] + 1 : 0);
        ages[step % blocks] = 1;
      }
    }
  }

  /// The whole run: prototypes stand still for two steps, and with the third the queue is in use.
  @Test
  void trainsLikeTheStraightLine() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(CONFIG);
        Trainer trainer = new Trainer(method, 0.1)) {
      Line line = new Line(method);
      for (int step = 0; step < STEPS; step++) {
        List<Tensor> views = views(step);
        int now = step;
        double want =
            line.line.step(
                () -> line.loss(views, now >= 2),
                name -> name.startsWith("prototypes") && now < 2 ? 0 : 0.1);
        line.after(step);
        assertEquals(want, trainer.step(step, views, unknown(BATCH)), 1e-4);
        assertState(method, line.line);
      }
    }
  }

  @Test
  void withoutQueueNorSmallViews() {
    SwavConfig config = new SwavConfig(5, WIDTH, PROTOTYPES, 0.5, 0.3, 3, 0, 0, 0, 0);
    try (TensorScope _ = TensorScope.open();
        Method method = create(config);
        Trainer trainer = new Trainer(method, 0.1)) {
      assertEquals(2, method.viewCount());
      assertEquals(Map.of(), method.scalars(3));
      double[] start = snapshot(method).get("prototypes.weight");
      trainer.step(0, crops(BATCH, 0, 3, 3), unknown(BATCH));
      double[] moved = snapshot(method).get("prototypes.weight");
      assertFalse(Arrays.equals(start, moved));
      for (int k = 0; k < PROTOTYPES; k++) {
        assertEquals(1, dot(row(moved, k), row(moved, k)), 1e-5, "prototypes stay on the sphere");
      }
      assertFalse(method.state().containsKey("queue0.rows"));
    }
  }

  @Test
  void aPassShowsFeaturesAndEmbeddingsOfTheFirstView() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(CONFIG)) {
      Method.Pass pass = method.forward(views(0), unknown(BATCH));
      StraightLine line = new StraightLine(method);
      Tensor y = line.pooled("encoder", views(0), 2);
      Tensor z = StraightLine.unit(line.head("projector", y));
      assertArrayEquals(y.narrow(0, 0, BATCH).toDoubles(), pass.features().toDoubles(), 1e-5);
      assertArrayEquals(z.narrow(0, 0, BATCH).toDoubles(), pass.embeddings().toDoubles(), 1e-5);
      assertEquals(Math.log(PROTOTYPES), method.collapseValue(), 1e-12);
    }
  }

  @Test
  void rangesAreChecked() {
    rejects(
        "[config] temperature must be a number above 0; got 0.0",
        () -> new SwavConfig(1, 1, 1, 0, 1, 1, 0, 0, 0, 0));
    rejects(
        "[config] epsilon must be a number above 0; got -1.0",
        () -> new SwavConfig(1, 1, 1, 1, -1, 1, 0, 0, 0, 0));
    rejects(
        "[config] iterations must be at least 1; got 0",
        () -> new SwavConfig(1, 1, 1, 1, 1, 0, 0, 0, 0, 0));
    rejects(
        "[config] local_crops must be at least 0; got -1",
        () -> new SwavConfig(1, 1, 1, 1, 1, 1, 0, 0, 0, -1));
    rejects(
        "[queue] queue0 must hold a multiple of the 6 embeddings of a step; got 13; take 12, or"
            + " another batch size",
        () -> create(new SwavConfig(5, 3, 4, 0.5, 0.3, 3, 13, 0, 1, 1)));
  }

  /// The official code's numbers for batches of 256 on ImageNet, solo-learn's on CIFAR.
  @Test
  void presets() {
    SwavFactory factory = new SwavFactory();
    SwavConfig paper = factory.defaults(Preset.IMAGENET);
    assertEquals(new SwavConfig(2048, 128, 3000, 0.1, 0.05, 3, 3840, 15, 1, 6), paper);
    assertEquals(
        Recipe.lars(0.6, 1e-6, 256, 200, 0).endingAt(1e-3), factory.recipe(Preset.IMAGENET));
    List<View> views = factory.views(paper, Preset.IMAGENET);
    assertEquals(Views.swav(6), views);
    assertEquals(8, views.size());
    assertEquals(List.of(0, 0, 96), views.subList(0, 3).stream().map(View::size).toList());
    assertEquals(0.14, views.getFirst().cropScaleLow());
    assertEquals(0.14, views.getLast().cropScaleHigh());
    assertEquals(0.05, views.getLast().cropScaleLow());
    assertEquals(Views.swavCifar(6, 18), factory.views(Preset.CIFAR));
    assertEquals(0, paper.queueLength() % factory.recipe(Preset.IMAGENET).batchSize());
  }
}
