package ibrik.ssl.method.simsiam;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.Map;
import org.junit.jupiter.api.Test;

class SimSiamTest extends MethodTest {
  private static final int BATCH = 6;
  private static final int STEPS = 3;
  private static final SimSiamConfig CONFIG = new SimSiamConfig(3, 5, 4, 2, true, true, true);

  private static Method create(SimSiamConfig config) {
    return new SimSiamFactory().create(config, setting(0, BATCH, STEPS));
  }

  // ---- loss ----

  /// cos((3, 4), (4, 3)) = 24/25 one way, orthogonal the other way: `-(0.96 + 0) / 2`.
  @Test
  void byHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = Tensor.of(new double[] {3, 4}, 1, 2);
      Tensor b = Tensor.of(new double[] {4, 3}, 1, 2);
      Tensor up = Tensor.of(new double[] {0, 2}, 1, 2);
      Tensor right = Tensor.of(new double[] {5, 0}, 1, 2);
      assertEquals(-0.48, SimSiamLoss.symmetric(a, up, right, b).item(), 1e-12);
      assertEquals(-1, SimSiamLoss.symmetric(a, a, a, a).item(), 1e-12);
      assertEquals(1, SimSiamLoss.symmetric(a, a, a.neg(), a.neg()).item(), 1e-12);
    }
  }

  /// `-(1 / 2 |p|) (b - a (a.b))` with a = (0.6, 0.8), b = (0.8, 0.6), |p| = 5, a.b = 0.96.
  @Test
  void gradientByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor p = Tensor.of(new double[] {3, 4}, 1, 2);
      Tensor z = Tensor.of(new double[] {4, 3}, 1, 2);
      try (Tape.Run run = Tape.record(() -> SimSiamLoss.symmetric(p, z, z, z))) {
        assertArrayEquals(
            new double[] {-(0.8 - 0.576) / 10, -(0.6 - 0.768) / 10},
            run.gradients(List.of(p)).getFirst().toDoubles(),
            1e-12);
      }
    }
  }

  @Test
  void gradientCheckAndInvariances() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor p1 = normal64(0, 5, 3);
      Tensor p2 = normal64(1, 5, 3);
      Tensor z1 = normal64(2, 5, 3);
      Tensor z2 = normal64(3, 5, 3);
      gradientCheck(
          in -> SimSiamLoss.symmetric(in.get(0), in.get(1), in.get(2), in.get(3)), p1, p2, z1, z2);
      double loss = SimSiamLoss.symmetric(p1, p2, z1, z2).item();
      assertEquals(loss, SimSiamLoss.symmetric(p2, p1, z2, z1).item(), 1e-12);
      assertEquals(
          loss,
          SimSiamLoss.symmetric(reversed(p1), reversed(p2), reversed(z1), reversed(z2)).item(),
          1e-12);
      assertEquals(loss, SimSiamLoss.symmetric(p1.mul(9), p2, z1.mul(0.1), z2).item(), 1e-12);
    }
  }

  // ---- method ----

  private static Tensor loss(StraightLine line, List<Tensor> views) {
    Tensor z1 = line.mlp("projector", 3, line.encoder("encoder", views.get(0)));
    Tensor z2 = line.mlp("projector", 3, line.encoder("encoder", views.get(1)));
    Tensor p1 = StraightLine.unit(line.head("predictor", z1));
    Tensor p2 = StraightLine.unit(line.head("predictor", z2));
    Tensor both =
        p1.mul(StraightLine.unit(z2.detach())).add(p2.mul(StraightLine.unit(z1.detach())));
    return both.sum().div(-2.0 * BATCH);
  }

  @Test
  void trainsLikeTheStraightLine() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(CONFIG);
        Trainer trainer = new Trainer(method, 0.05)) {
      StraightLine line = new StraightLine(method);
      for (int step = 0; step < STEPS; step++) {
        List<Tensor> views = views(BATCH, step);
        double want = line.step(() -> loss(line, views), _ -> 0.05);
        assertEquals(want, trainer.step(step, views, noLabels(BATCH)), 1e-4);
        assertState(method, line);
      }
    }
  }

  /// Table 1 and figure 2: the loss of a network whose gradients are not stopped falls to its
  /// collapse value even on views that have nothing in common.
  @Test
  void withoutStopGradientTheLossFallsToItsCollapseValue() {
    double without = finalLoss(false);
    double with = finalLoss(true);
    assertTrue(1 + without < (1 + with) / 5, "without " + without + ", with " + with);
  }

  /// Section 4.2: without a predictor, stopping gradients does nothing but halve them, so that the
  /// collapse above comes as well; with one it changes their direction.
  @Test
  void withoutPredictorStoppingGradientsOnlyHalvesThem() {
    double[] free = encoderGradient(false, false);
    double[] stopped = encoderGradient(false, true);
    assertTrue(length(free) > 0.01, "free " + length(free));
    for (int i = 0; i < free.length; i++) {
      assertEquals(free[i] / 2, stopped[i], 1e-6);
    }
    double[] predicted = encoderGradient(true, true);
    double[] unstopped = encoderGradient(true, false);
    assertTrue(cosine(predicted, unstopped) < 0.99, "cosine " + cosine(predicted, unstopped));
  }

  private static double[] encoderGradient(boolean predictor, boolean stopGradient) {
    try (TensorScope _ = TensorScope.open();
        Method method = create(new SimSiamConfig(1, 8, 8, 4, predictor, stopGradient, false));
        Tape.Run run = Tape.record(() -> method.forward(views(BATCH, 0), noLabels(BATCH)).loss())) {
      return run.gradients(List.of(method.encoder().parameters().getFirst().value()))
          .getFirst()
          .toDoubles();
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double length(double[] a) {
    return Math.sqrt(dot(a, a));
  }

  private static double cosine(double[] a, double[] b) {
    return dot(a, b) / length(a) / length(b);
  }

  /// The loss after some steps on two such views.
  private static double finalLoss(boolean stopGradient) {
    try (TensorScope _ = TensorScope.open();
        Method method = create(new SimSiamConfig(1, 8, 8, 4, true, stopGradient, false));
        Trainer trainer = new Trainer(method, 0.3)) {
      double loss = 0;
      for (int step = 0; step < 200; step++) {
        loss = trainer.step(step, views(BATCH, 0), noLabels(BATCH));
      }
      return loss;
    }
  }

  @Test
  void thePredictorIsAGroupOfItsOwn() {
    try (Method method = create(CONFIG);
        Method bare = create(new SimSiamConfig(2, 5, 4, 2, false, true, true))) {
      assertEquals(List.of(false, true), method.groups().stream().map(g -> g.steady()).toList());
      assertTrue(
          method.groups().get(1).parameters().stream()
              .allMatch(p -> p.name().startsWith("predictor.")));
      assertEquals(1, bare.groups().size());
      assertEquals(-1, method.collapseValue());
      assertEquals(Map.of(), method.scalars(0));
      assertFalse(method.state().containsKey("projector.layers.7.gamma"), "a norm without affine");
    }
  }

  @Test
  void viewsMayBeSwapped() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(CONFIG)) {
      List<Tensor> views = views(BATCH, 0);
      assertEquals(
          method.forward(views, noLabels(BATCH)).loss().item(),
          method.forward(views.reversed(), noLabels(BATCH)).loss().item(),
          1e-6);
      Tensor same = LayoutOps.concat(0, List.of(views.get(0)));
      assertTrue(method.forward(List.of(same, same), noLabels(BATCH)).loss().item() >= -1 - 1e-6);
    }
  }

  @Test
  void rangesAndRecipes() {
    refuses(
        "[config] projector_layers must be at least 1; got 0",
        () -> new SimSiamConfig(0, 1, 1, 1, true, true, true));
    refuses(
        "[config] predictor_hidden must be at least 1; got 0",
        () -> new SimSiamConfig(1, 1, 1, 0, true, true, true));
    SimSiamFactory factory = new SimSiamFactory();
    assertEquals(
        new SimSiamConfig(3, 2048, 2048, 512, true, true, true), factory.defaults(Preset.IMAGENET));
    assertEquals(
        Recipe.sgd(0.05, 1e-4, 256, 100, 0).decayingEverything(), factory.recipe(Preset.IMAGENET));
    assertEquals(0.06, factory.recipe(Preset.CIFAR).baseLr() * 128 / 256);
    assertTrue(factory.zeroLastGamma());
  }
}
