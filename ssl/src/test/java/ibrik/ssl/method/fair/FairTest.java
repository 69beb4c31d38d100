package ibrik.ssl.method.fair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import ibrik.ssl.method.StraightLine;
import ibrik.ssl.method.fair.FairConfig.Objective;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class FairTest extends MethodTest {
  private static final int BATCH = 6;
  private static final int STEPS = 4;
  private static final int WIDTH = 3;
  private static final int QUEUE = 12;
  private static final double T = 0.4;

  private static FairConfig config(Objective objective, boolean predictor, boolean symmetric) {
    return new FairConfig(objective, 9, WIDTH, predictor, symmetric, QUEUE, T, 0.9);
  }

  private static Method create(FairConfig config) {
    return new FairFactory().create(config, setting(0, BATCH, STEPS));
  }

  private static Tensor embed(StraightLine line, String of, boolean predictor, Tensor view) {
    Tensor z = line.head(of + "projector", line.encoder(of + "encoder", view));
    return StraightLine.unit(predictor ? line.head(of + "predictor", z) : z);
  }

  private static Tensor contrast(Tensor q, Tensor k, Tensor queue) {
    Tensor own = q.mul(k).sum(List.of(1), false).div(T);
    Tensor others = q.matMul(queue, false, true).div(T).exp().sum(List.of(1), false);
    return own.exp().add(others).log().sub(own).mean();
  }

  /// The whole run of either loss in any symmetry. Which view's keys a step stores is a toss: the
  /// straight line looks which of the two it was, and that it was one of them.
  private static void trainsLikeTheStraightLine(FairConfig config) {
    boolean moco = config.objective() == Objective.MOCO;
    try (TensorScope _ = TensorScope.open();
        Method method = create(config);
        Trainer trainer = new Trainer(method, 0.05)) {
      StraightLine line = new StraightLine(method);
      for (int step = 0; step < STEPS; step++) {
        List<Tensor> views = views(BATCH, step);
        double[][] keys = new double[2][];
        double want =
            line.step(
                () -> {
                  Tensor[] o = new Tensor[2];
                  Tensor[] t = new Tensor[2];
                  for (int v = 0; v < 2; v++) {
                    o[v] = embed(line, "", config.predictor(), views.get(v));
                    t[v] = embed(line, "target_", config.targetPredictor(), views.get(v)).detach();
                    keys[v] = t[v].toDoubles();
                  }
                  if (moco) {
                    Tensor queue = Tensor.of(line.numbers("queue.rows").clone(), QUEUE, WIDTH);
                    return contrast(o[0], t[1], queue).add(contrast(o[1], t[0], queue));
                  }
                  Tensor cosines = o[0].mul(t[1]).add(o[1].mul(t[0])).sum();
                  return cosines.mul(-2.0 / BATCH).add(4);
                },
                name -> name.startsWith("target_") ? 0 : 0.05);
        line.follow("target_", 1 - 0.1 * (Math.cos(Math.PI * step / STEPS) + 1) / 2);
        assertEquals(want, trainer.step(step, views, noLabels(BATCH)), 1e-4);
        if (moco) {
          int at = step % 2 * BATCH * WIDTH;
          double[] stored =
              Arrays.copyOfRange(snapshot(method).get("queue.rows"), at, at + BATCH * WIDTH);
          double[] key = near(keys[0], stored) ? keys[0] : keys[1];
          System.arraycopy(key, 0, line.numbers("queue.rows"), at, key.length);
          line.numbers("queue.position")[0] = (step + 1) % 2;
          double[] ages = line.numbers("queue.ages");
          ages[(step + 1) % 2] += ages[(step + 1) % 2] > 0 ? 1 : 0;
          ages[step % 2] = 1;
        }
        assertState(method, line);
      }
    }
  }

  private static boolean near(double[] a, double[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most < 1e-3;
  }

  @Test
  void trainsLikeTheStraightLine() {
    for (Objective objective : Objective.values()) {
      trainsLikeTheStraightLine(config(objective, true, false));
      trainsLikeTheStraightLine(config(objective, true, true));
      trainsLikeTheStraightLine(config(objective, false, false));
    }
  }

  /// Over some steps both views' keys are stored, each step one of them.
  @Test
  void theTossIsFair() {
    Set<Integer> seen = new TreeSet<>();
    try (TensorScope _ = TensorScope.open();
        Method method = create(config(Objective.MOCO, true, false))) {
      for (int step = 0; step < 20; step++) {
        List<Tensor> views = views(BATCH, 0);
        method.beforeStep(step);
        method.forward(views, noLabels(BATCH));
        method.afterStep();
        double[] rows = snapshot(method).get("queue.rows");
        int at = step % 2 * BATCH * WIDTH;
        seen.add(Arrays.hashCode(Arrays.copyOfRange(rows, at, at + BATCH * WIDTH)));
      }
    }
    // The target does not learn and each view is always the same: two different blocks at most.
    assertEquals(2, seen.size());
  }

  /// All but the loss is equal: weights that both have start equal, and so does the target.
  @Test
  void whatDiffersIsTheLoss() {
    FairFactory factory = new FairFactory();
    try (Method moco = create(config(Objective.MOCO, true, false));
        Method byol = create(config(Objective.BYOL, true, false));
        Method symmetric = create(config(Objective.MOCO, true, true))) {
      var one = snapshot(moco);
      var other = snapshot(byol);
      one.forEach((name, numbers) -> assertTrue(Arrays.equals(numbers, other.get(name)), name));
      other.keySet().removeAll(one.keySet());
      assertTrue(other.keySet().stream().allMatch(n -> n.endsWith(".layers.3.bias")), "biases");
      assertTrue(symmetric.networks().containsKey("target_predictor"));
      assertFalse(moco.networks().containsKey("target_predictor"));
      assertEquals(0, byol.collapseValue());
      assertEquals(2 * Math.log(13), moco.collapseValue(), 1e-12);
    }
    for (Preset preset : Preset.values()) {
      assertEquals(Objective.MOCO, factory.defaults(preset).objective());
    }
    assertEquals(
        Recipe.sgd(0.03, 1e-4, 256, 200, 10).decayingEverything(), factory.recipe(Preset.IMAGENET));
  }

  /// A symmetric network is available only with negatives: without them and without a predictor the
  /// embeddings end in one point.
  @Test
  void onlyNegativesAllowSymmetry() {
    double moco = spread(Objective.MOCO);
    double byol = spread(Objective.BYOL);
    assertTrue(byol < moco / 2, "spread byol " + byol + ", moco " + moco);
  }

  private static double spread(Objective objective) {
    FairConfig config = new FairConfig(objective, 9, WIDTH, false, false, QUEUE, T, 0.5);
    try (TensorScope _ = TensorScope.open();
        Method method = new FairFactory().create(config, setting(0, BATCH, 1_000_000));
        Trainer trainer = new Trainer(method, 0.1)) {
      for (int step = 0; step < 150; step++) {
        trainer.step(step, views(BATCH, 0), noLabels(BATCH));
      }
      Tensor z = method.forward(views(BATCH, 0), noLabels(BATCH)).embeddings().l2Normalize();
      return z.sub(z.mean(List.of(0), true)).square().mean().sqrt().item();
    }
  }

  @Test
  void rangesAreChecked() {
    refuses(
        "[config] target_predictor must be false without a predictor that it could follow; got"
            + " true",
        () -> config(Objective.MOCO, false, true));
    refuses(
        "[config] temperature must be a number above 0; got 0.0",
        () -> new FairConfig(Objective.MOCO, 1, 1, true, true, 1, 0, 1));
    refuses(
        "[config] tau_base must be in [0, 1]; got -1.0",
        () -> new FairConfig(Objective.MOCO, 1, 1, true, true, 1, 1, -1));
  }
}
