package ibrik.ssl.method.vicreg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.StraightLine;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;

class VicRegTest extends MethodTest {
  private static final int BATCH = 6;
  private static final int STEPS = 3;
  private static final int WIDTH = 3;
  private static final VicRegConfig CONFIG = new VicRegConfig(5, WIDTH, 2, 3, 0.5);

  private static Method create(VicRegConfig config) {
    return new VicRegFactory().create(config, setting(0, BATCH, STEPS));
  }

  private static VicRegConfig only(double invariance, double variance, double covariance) {
    return new VicRegConfig(1, 1, invariance, variance, covariance);
  }

  // ---- loss ----

  /// z1 = (0, 0), (1, 2): variances 1/2 and 2, covariance 1. z2 = (0, 0), (0, 0): variances 0.
  @Test
  void byHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z1 = Tensor.of(new double[] {0, 0, 1, 2}, 2, 2);
      Tensor z2 = Tensor.of(new double[4], 2, 2);
      assertEquals(5.0 / 4, VicRegLoss.of(z1, z2, only(1, 0, 0)).item(), 1e-12);
      double hinge1 = (1 - Math.sqrt(0.5001)) / 2;
      double hinge2 = 1 - 0.01;
      assertEquals((hinge1 + hinge2) / 2, VicRegLoss.of(z1, z2, only(0, 1, 0)).item(), 1e-12);
      assertEquals(2 * 1.0 / 2, VicRegLoss.of(z1, z2, only(0, 0, 1)).item(), 1e-12);
    }
  }

  /// Invariance: `2 (z1 - z2) / (B D)`. Variance of (0, 1), one dimension, weight 2, so the whole
  /// hinge of z1: `-(z - mean) / ((B - 1) sd)`, sd = sqrt(0.5001). Covariance of the z1 above: `4
  /// Cov (z_j - mean_j) / ((B - 1) D)` for the other dimension j.
  @Test
  void gradientByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z1 = Tensor.of(new double[] {0, 0, 1, 2}, 2, 2);
      Tensor z2 = Tensor.of(new double[4], 2, 2);
      Tensor line = Tensor.of(new double[] {0, 1}, 2, 1);
      gradient(only(1, 0, 0), z1, z2, 0, 0, 0.5, 1);
      gradient(only(0, 0, 1), z1, z2, 4 * -1 / 2.0, 4 * -0.5 / 2.0, 2, 1);
      double slope = 0.5 / Math.sqrt(0.5001);
      gradient(only(0, 2, 0), line, Tensor.of(new double[2], 2, 1), slope, -slope);
    }
  }

  private static void gradient(VicRegConfig config, Tensor z1, Tensor z2, double... want) {
    try (Tape.Run run = Tape.record(() -> VicRegLoss.of(z1, z2, config))) {
      assertArrayEquals(want, run.gradients(List.of(z1)).getFirst().toDoubles(), 1e-12);
    }
  }

  @Test
  void gradientCheckAndInvariances() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z1 = normal64(0, 5, 3).mul(0.5);
      Tensor z2 = normal64(1, 5, 3).mul(0.5);
      gradientCheck(in -> VicRegLoss.of(in.get(0), in.get(1), CONFIG), z1, z2);
      double loss = VicRegLoss.of(z1, z2, CONFIG).item();
      assertEquals(loss, VicRegLoss.of(z2, z1, CONFIG).item(), 1e-12);
      assertEquals(loss, VicRegLoss.of(reversed(z1), reversed(z2), CONFIG).item(), 1e-12);
      assertEquals(loss, VicRegLoss.of(z1.add(4), z2.add(4), CONFIG).item(), 1e-9);
    }
  }

  @Test
  void collapse() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(CONFIG)) {
      Tensor row = normal64(0, 1, WIDTH);
      Tensor same = LayoutOps.concat(0, List.of(row, row, row));
      assertEquals(method.collapseValue(), VicRegLoss.of(same, same, CONFIG).item(), 1e-9);
      assertEquals(2.97, method.collapseValue(), 1e-12);
    }
  }

  // ---- method ----

  private static Tensor loss(StraightLine line, List<Tensor> views) {
    Tensor z1 = line.mlp("projector", 3, line.encoder("encoder", views.get(0)));
    Tensor z2 = line.mlp("projector", 3, line.encoder("encoder", views.get(1)));
    Tensor loss = z1.sub(z2).square().mean().mul(2);
    for (Tensor z : List.of(z1, z2)) {
      Tensor centred = z.sub(z.mean(List.of(0), true));
      Tensor cov = centred.matMul(centred, true, false).div(BATCH - 1);
      double[] eye = new double[WIDTH * WIDTH];
      for (int i = 0; i < WIDTH; i++) {
        eye[i * (WIDTH + 1)] = 1;
      }
      Tensor on = cov.mul(Tensor.of(eye, WIDTH, WIDTH));
      Tensor variances = on.sum(List.of(0), false);
      Tensor hinge = variances.add(1e-4).sqrt().neg().add(1).relu().mean();
      Tensor others = cov.sub(on).square().sum().div(WIDTH);
      loss = loss.add(hinge.mul(1.5)).add(others.mul(0.5));
    }
    return loss;
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

  /// Without the hinge the embeddings of different images end in one point; with it they do not.
  @Test
  void theVarianceGuardsAgainstCollapse() {
    double without = spread(new VicRegConfig(8, 4, 25, 0, 1));
    double with = spread(new VicRegConfig(8, 4, 25, 25, 1));
    assertTrue(without < 0.1, "spread without " + without);
    assertTrue(with > 0.5, "spread with " + with);
  }

  private static double spread(VicRegConfig config) {
    try (TensorScope _ = TensorScope.open();
        Method method = create(config);
        Trainer trainer = new Trainer(method, 0.01)) {
      for (int step = 0; step < 150; step++) {
        trainer.step(step, views(BATCH, 0), noLabels(BATCH));
      }
      Tensor z = method.forward(views(BATCH, 0), noLabels(BATCH)).embeddings();
      return z.sub(z.mean(List.of(0), true)).square().mean().sqrt().item();
    }
  }

  /// Without the covariance term dimensions say the same thing: fewer of them count.
  @Test
  void theCovarianceKeepsDimensionsApart() {
    double without = dimensions(new VicRegConfig(16, 8, 25, 25, 0));
    double with = dimensions(new VicRegConfig(16, 8, 25, 25, 1));
    assertTrue(with > 2 * without, "with " + with + ", without " + without);
  }

  /// Participation ratio of the eigenvalues l of the covariance, `(sum l)^2 / sum l^2`, after
  /// training.
  private static double dimensions(VicRegConfig config) {
    int batch = 16;
    try (TensorScope _ = TensorScope.open();
        Method method = new VicRegFactory().create(config, pooledSetting(batch, 150, 150));
        Trainer trainer = new Trainer(method, 0.01)) {
      for (int step = 0; step < 150; step++) {
        trainer.step(step, related(batch, step, 2), unknown(batch));
      }
      Tensor z = method.forward(related(batch, 0, 2), unknown(batch)).embeddings();
      Tensor centred = z.sub(z.mean(List.of(0), true));
      double trace = centred.square().sum().item();
      return trace * trace / centred.matMul(centred, true, false).square().sum().item();
    }
  }

  @Test
  void rangesAndRecipes() {
    refuses(
        "[config] variance must be a number of at least 0; got -1.0",
        () -> new VicRegConfig(1, 1, 1, -1, 1));
    refuses(
        "[vicreg] needs batches of at least 2 images for a variance; got 1",
        () -> new VicRegFactory().create(CONFIG, setting(0, 1, 1)));
    try (TensorScope _ = TensorScope.open()) {
      refuses(
          "[vicreg] z1 and z2 must have one shape [B, D]; got z1: f64[2,3], z2: f64[3,3]",
          () -> VicRegLoss.of(normal64(0, 2, 3), normal64(1, 3, 3), CONFIG));
    }
    VicRegFactory factory = new VicRegFactory();
    assertEquals(new VicRegConfig(8192, 8192, 25, 25, 1), factory.defaults(Preset.IMAGENET));
    assertEquals(50, factory.defaults(Preset.CIFAR).variance());
    assertEquals(0.02, factory.recipe(Preset.CIFAR).larsEta());
    assertTrue(factory.recipe(Preset.CIFAR).larsClip());
  }
}
