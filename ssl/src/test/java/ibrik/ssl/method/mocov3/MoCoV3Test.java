package ibrik.ssl.method.mocov3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.autograd.Tape;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import ibrik.ssl.method.StraightLine;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;

class MoCoV3Test extends MethodTest {
  private static final int BATCH = 6;
  private static final int STEPS = 4;
  private static final double T = 0.4;
  private static final MoCoV3Config CONFIG = new MoCoV3Config(2, 9, 3, 12, false, T, 0.9);

  private static Method create(MoCoV3Config config) {
    return new MoCoV3Factory().create(config, setting(0, BATCH, STEPS));
  }

  /// Orthogonal rows that find their key cost `ln(1 + e^(-1/t))`, swapped ones `ln(1 + e^(1/t))`.
  @Test
  void byHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor q = Tensor.of(new double[] {1, 0, 0, 2}, 2, 2);
      Tensor swapped = Tensor.of(new double[] {0, 2, 1, 0}, 2, 2);
      double right = Math.log(1 + Math.exp(-1 / T));
      double wrong = Math.log(1 + Math.exp(1 / T));
      assertEquals(
          2 * T * (right + wrong), MoCoV3Loss.symmetric(q, q, swapped, q, T).item(), 1e-12);
    }
  }

  @Test
  void gradientsAndInvariances() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor q1 = normal64(0, 4, 3);
      Tensor q2 = normal64(1, 4, 3);
      Tensor k1 = normal64(2, 4, 3);
      Tensor k2 = normal64(3, 4, 3);
      gradientCheck(in -> MoCoV3Loss.symmetric(in.get(0), in.get(1), k1, k2, T), q1, q2);
      double loss = MoCoV3Loss.symmetric(q1, q2, k1, k2, T).item();
      assertEquals(loss, MoCoV3Loss.symmetric(q2, q1, k2, k1, T).item(), 1e-12);
      assertEquals(
          loss,
          MoCoV3Loss.symmetric(reversed(q1), reversed(q2), reversed(k1), reversed(k2), T).item(),
          1e-12);
      try (Tape.Run run = Tape.record(() -> MoCoV3Loss.symmetric(q1, q2, k1, k2, T))) {
        assertArrayEquals(
            new double[12],
            run.gradients(List.of(k1)).getFirst().toDoubles(),
            "keys are constants");
      }
    }
  }

  @Test
  void collapse() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(CONFIG)) {
      Tensor row = normal64(0, 1, 3);
      Tensor same = LayoutOps.concat(0, java.util.Collections.nCopies(BATCH, row));
      assertEquals(
          method.collapseValue(), MoCoV3Loss.symmetric(same, same, same, same, T).item(), 1e-12);
    }
  }

  /// Keys of the slow network; it moves after a step with the rate of the next one. A norm of six
  /// rows blows rounding up, the more the farther a step goes.
  private static void trainsLikeTheStraightLine(int layers, boolean norm) {
    double lr = norm ? 0.005 : 0.05;
    try (TensorScope _ = TensorScope.open();
        Method method = create(new MoCoV3Config(layers, 9, 3, 12, norm, T, 0.9));
        Trainer trainer = new Trainer(method, lr)) {
      StraightLine line = new StraightLine(method);
      for (int step = 0; step < STEPS; step++) {
        List<Tensor> views = views(BATCH, step);
        double want =
            line.step(
                () -> {
                  Tensor[] q = new Tensor[2];
                  Tensor[] k = new Tensor[2];
                  for (int v = 0; v < 2; v++) {
                    Tensor y = line.encoder("encoder", views.get(v));
                    Tensor z = line.mlp("projector", layers, y);
                    q[v] = line.mlp("predictor", 2, z);
                    Tensor slow = line.encoder("target_encoder", views.get(v));
                    k[v] = line.mlp("target_projector", layers, slow).detach();
                  }
                  return StraightLine.diagonal(q[0], k[1], T)
                      .add(StraightLine.diagonal(q[1], k[0], T))
                      .mul(2 * T);
                },
                name -> name.startsWith("target_") ? 0 : lr);
        line.follow("target_", 1 - 0.1 * (Math.cos(Math.PI * (step + 1) / STEPS) + 1) / 2);
        assertEquals(want, trainer.step(step, views, noLabels(BATCH)), 1e-4);
        assertState(method, line);
      }
    }
  }

  @Test
  void trainsLikeTheStraightLine() {
    trainsLikeTheStraightLine(2, false);
    trainsLikeTheStraightLine(3, false);
    trainsLikeTheStraightLine(3, true);
  }

  @Test
  void rangesAndRecipes() {
    refuses(
        "[config] temperature must be a number above 0; got NaN",
        () -> new MoCoV3Config(1, 1, 1, 1, false, Double.NaN, 1));
    MoCoV3Factory factory = new MoCoV3Factory();
    assertEquals(
        new MoCoV3Config(2, 4096, 256, 4096, false, 1, 0.99), factory.defaults(Preset.IMAGENET));
    assertEquals(Recipe.lars(0.6, 1e-6, 256, 100, 10), factory.recipe(Preset.IMAGENET));
    assertEquals(0.2, factory.views(Preset.IMAGENET).getFirst().cropScaleLow());
  }
}
