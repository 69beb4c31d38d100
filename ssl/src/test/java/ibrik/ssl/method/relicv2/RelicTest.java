package ibrik.ssl.method.relicv2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.augment.View;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import ibrik.ssl.method.StraightLine;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RelicTest extends MethodTest {
  private static final int BATCH = 4;
  private static final int STEPS = 3;

  /// All others are negatives, so that their draw does not matter to the loss.
  private static final RelicConfig CONFIG =
      new RelicConfig(5, 3, BATCH - 1, 0.5, 0.8, 1.2, false, 0.9, 2, 1);

  private static Method create(RelicConfig config) {
    return new RelicFactory().create(config, pooledSetting(BATCH, STEPS, STEPS));
  }

  private static List<Tensor> split(Tensor x, int views) {
    return IntStream.range(0, views).mapToObj(v -> x.narrow(0, (long) v * BATCH, BATCH)).toList();
  }

  /// `p` over all images, whose order is that of the batch; the KL does not mind.
  private static Tensor likely(Tensor online, Tensor target) {
    Tensor e = online.matMul(target, false, true).mul(2).exp();
    return e.div(e.sum(List.of(1), true));
  }

  private static Tensor fixed(Tensor x) {
    return Tensor.of(x.toDoubles(), BATCH, BATCH);
  }

  private static Tensor self() {
    double[] eye = new double[BATCH * BATCH];
    for (int i = 0; i < BATCH; i++) {
      eye[i * BATCH + i] = 1;
    }
    return Tensor.of(eye, BATCH, BATCH);
  }

  private static Tensor term(Tensor picks, Tensor reference, Tensor learner) {
    Tensor p = fixed(reference);
    Tensor contrast = picks.log().mul(self()).sum().div(-BATCH);
    Tensor divergence = p.mul(p.log().sub(learner.log())).sum().div(BATCH);
    return contrast.mul(0.8).add(divergence.mul(1.2));
  }

  private static Tensor loss(StraightLine line, List<Tensor> views) {
    List<Tensor> o =
        split(StraightLine.unit(line.head("head", line.pooled("encoder", views, 2))), 3);
    Tensor seen = line.pooled("target_encoder", views.subList(0, 2), 2);
    List<Tensor> t = split(StraightLine.unit(line.head("target_head", seen)), 2);
    Tensor ab = likely(o.get(0), t.get(1));
    Tensor ba = likely(o.get(1), t.get(0));
    Tensor total = term(ab, ab, ba).add(term(ba, ba, ab));
    total = total.add(term(likely(o.get(2), t.get(0)), ba, likely(o.get(2), t.get(0))));
    total = total.add(term(likely(o.get(2), t.get(1)), ab, likely(o.get(2), t.get(1))));
    return total.div(4);
  }

  @Test
  void trainsLikeTheStraightLine() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(CONFIG);
        Trainer trainer = new Trainer(method, 0.05)) {
      StraightLine line = new StraightLine(method);
      for (int step = 0; step < STEPS; step++) {
        List<Tensor> views = crops(BATCH, step, 3, 3, 2);
        double want =
            line.step(() -> loss(line, views), name -> name.startsWith("target_") ? 0 : 0.05);
        line.follow("target_", 1 - 0.1 * (Math.cos(Math.PI * step / STEPS) + 1) / 2);
        assertEquals(want, trainer.step(step, views, unknown(BATCH)), 1e-4);
        assertState(method, line);
      }
    }
  }

  /// Never itself, never one twice, all others in the long run, others at each step.
  @Test
  void negatives() {
    try (TensorScope _ = TensorScope.open()) {
      int[] seen = new int[7];
      for (int step = 0; step < 60; step++) {
        Tensor drawn = Relic.negatives(7, 3, Tensors.key(3, step, Device.CPU), Device.CPU);
        assertEquals("i32[7,3]", drawn.spec().toString());
        int[] all = drawn.toInts();
        for (int i = 0; i < 7; i++) {
          int[] row = Arrays.copyOfRange(all, 3 * i, 3 * i + 3);
          assertEquals(3, Arrays.stream(row).distinct().count());
          int self = i;
          assertTrue(Arrays.stream(row).noneMatch(j -> j == self));
        }
        Arrays.stream(all, 0, 3).forEach(j -> seen[j]++);
      }
      assertEquals(0, seen[0]);
      for (int j = 1; j < 7; j++) {
        assertTrue(seen[j] > 15 && seen[j] < 45, Arrays.toString(seen)); // 30 on average
      }
    }
  }

  @Test
  void theDrawFollowsTheStep() {
    RelicConfig one = new RelicConfig(5, 3, 1, 0.5, 1, 0, false, 0.9, 2, 1);
    try (TensorScope _ = TensorScope.open();
        Method method = create(one)) {
      List<Tensor> views = crops(BATCH, 0, 3, 3, 2);
      double[] losses = new double[4];
      for (int i = 0; i < 4; i++) {
        method.beforeStep(i % 3);
        losses[i] = method.forward(views, unknown(BATCH)).loss().item();
      }
      assertNotEquals(losses[0], losses[1]);
      assertEquals(losses[0], losses[3], 1e-6);
    }
  }

  /// Spread of the embeddings after training, in units of an even spread.
  private static double spread(double contrast, double tau) {
    int batch = 16;
    RelicConfig config = new RelicConfig(16, 4, 10, 0.2, contrast, 1, false, tau, 2, 0);
    try (TensorScope _ = TensorScope.open();
        Method method = new RelicFactory().create(config, pooledSetting(batch, 150, 150));
        Trainer trainer = new Trainer(method, 0.1)) {
      for (int step = 0; step < 150; step++) {
        trainer.step(step, related(batch, step, 2), unknown(batch));
      }
      Tensor z = method.forward(related(batch, 0, 2), unknown(batch)).embeddings();
      Tensor centred = z.sub(z.mean(List.of(0), true));
      return Math.sqrt(centred.square().mean().item()) * Math.sqrt(4);
    }
  }

  /// Uniform likelihoods satisfy the invariance term: alone it lets embeddings collapse.
  @Test
  void invarianceAloneCollapses() {
    double with = spread(1, 0.9);
    double without = spread(0, 0.9);
    assertTrue(without < with / 2, "spread with contrast " + with + ", without " + without);
  }

  /// A target that follows at once is no collapse: negatives remain.
  @Test
  void negativesDoWithoutASlowTarget() {
    double at = spread(1, 0);
    double slow = spread(1, 0.9);
    assertTrue(at > 0.5 * slow, "spread at once " + at + ", with a slow target " + slow);
  }

  /// The invariance term brings the likelihoods of two views nearer, on views never trained on.
  @Test
  void invarianceIsLearnt() {
    double with = divergence(1);
    double without = divergence(0);
    assertTrue(with < 0.9 * without, "with " + with + ", without " + without);
  }

  private static double divergence(double invariance) {
    int batch = 16;
    RelicConfig config = new RelicConfig(16, 4, 10, 0.2, 1, invariance, false, 0.9, 2, 0);
    try (TensorScope _ = TensorScope.open();
        Method method = new RelicFactory().create(config, pooledSetting(batch, 150, 150));
        Trainer trainer = new Trainer(method, 0.1)) {
      for (int step = 0; step < 150; step++) {
        trainer.step(step, related(batch, step, 2), unknown(batch));
      }
      RelicLoss only = new RelicLoss(0.2, 0, 1, false);
      double sum = 0;
      for (int step = 1000; step < 1020; step++) {
        try (TensorScope _ = TensorScope.open()) {
          List<Tensor> views = related(batch, step, 2);
          Tensor z1 = method.forward(views, unknown(batch)).embeddings().l2Normalize();
          Tensor z2 = method.forward(views.reversed(), unknown(batch)).embeddings().l2Normalize();
          Tensor negatives =
              Relic.negatives(batch, 10, Tensors.key(3, step, Device.CPU), Device.CPU);
          sum += only.of(List.of(z1, z2), List.of(z1, z2), negatives).item();
        }
      }
      return sum / 20;
    }
  }

  @Test
  void rangesAreChecked() {
    rejects(
        "[config] temperature must be a number above 0; got 0.0",
        () -> new RelicConfig(1, 1, 1, 0, 1, 1, false, 1, 2, 0));
    rejects(
        "[config] large_crops must be at least 2; got 1",
        () -> new RelicConfig(1, 1, 1, 1, 1, 1, false, 1, 1, 0));
    rejects(
        "[config] negatives must be below the batch size 4; got 4",
        () -> create(new RelicConfig(5, 3, 4, 0.5, 1, 1, false, 0.9, 2, 1)));
    try (Method method = create(CONFIG)) {
      assertEquals(0.8 * Math.log(4), method.collapseValue(), 1e-12);
      assertEquals(3, method.viewCount());
    }
  }

  @Test
  void presets() {
    RelicFactory factory = new RelicFactory();
    RelicConfig paper = factory.defaults(Preset.IMAGENET);
    assertEquals(new RelicConfig(4096, 512, 10, 0.2, 1, 1, false, 0.996, 4, 2), paper);
    assertEquals(Recipe.lars(0.3, 1.5e-6, 256, 1000, 10), factory.recipe(Preset.IMAGENET));
    List<View> views = factory.views(paper, Preset.IMAGENET);
    assertEquals(List.of(0, 0, 0, 0, 96, 96), views.stream().map(View::size).toList(), "sizes");
    assertEquals(
        List.of(0.1, 0.1, 0.1, 0.1, 0.0, 0.0), views.stream().map(View::mask).toList(), "masks");
    assertEquals(
        List.of(0.0, 0.2, 0.0, 0.2), views.subList(0, 4).stream().map(View::solarize).toList());
  }
}
