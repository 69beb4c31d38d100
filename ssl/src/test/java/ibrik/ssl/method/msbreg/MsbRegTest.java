package ibrik.ssl.method.msbreg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.GradCheck;
import ibrik.autograd.Tape;
import ibrik.ssl.eval.SymmetricEigen;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.StraightLine;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MsbRegTest extends MethodTest {
  private static final int BATCH = 6;
  private static final int STEPS = 3;
  private static final int WIDTH = 3;

  private static MsbRegConfig config(double singular, double brownian) {
    return new MsbRegConfig(9, WIDTH, true, 12, true, singular, brownian, 0.9);
  }

  private static Method create(MsbRegConfig config) {
    return new MsbRegFactory().create(config, setting(0, BATCH, STEPS));
  }

  // ---- losses ----

  /// Views (1, 0) and (0, 1) have the centroid (1, 1) / sqrt 2; either is at cosine 1 / sqrt 2.
  @Test
  void attractionByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor right = Tensor.of(new double[] {5, 0}, 1, 2);
      Tensor up = Tensor.of(new double[] {0, 2}, 1, 2);
      Tensor c = MsbRegLoss.centroid(List.of(right, up));
      double half = Math.sqrt(0.5);
      assertArrayEquals(new double[] {half, half}, c.toDoubles(), 1e-12);
      assertEquals(2 - 2 * half, MsbRegLoss.attraction(List.of(right, up), c).item(), 1e-12);
      // `-2 (c - z (z.c)) / |z|` over two views
      try (Tape.Run run = Tape.record(() -> MsbRegLoss.attraction(List.of(right, up), c))) {
        assertArrayEquals(
            new double[] {0, -half / 5},
            run.gradients(List.of(right)).getFirst().toDoubles(),
            1e-12);
      }
    }
  }

  /// Rows (1, 0), (0, 1): C = I / 2, loss 0. Twice (1, 0): C = diag(1, 0), loss D - 1 = 1. Rows (1,
  /// 0) and (1, 1) / sqrt 2: `sum <z_i, z_j>^2 = 1 + 1 + 2 / 2 = 3`, loss `2 * 3 / 4 - 1`.
  @Test
  void dispersionByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor right = Tensor.of(new double[] {5, 0}, 1, 2);
      Tensor up = Tensor.of(new double[] {0, 2}, 1, 2);
      Tensor slope = Tensor.of(new double[] {3, 3}, 1, 2);
      assertEquals(0, MsbRegLoss.dispersion(List.of(right, up)).item(), 1e-12);
      assertEquals(1, MsbRegLoss.dispersion(List.of(right, right)).item(), 1e-12);
      assertEquals(0.5, MsbRegLoss.dispersion(List.of(right, slope)).item(), 1e-12);
      // Fewer rows than dimensions: D / n - 1 at the least.
      Tensor wide = Tensor.of(new double[] {1, 0, 0, 0, 0, 1, 0, 0}, 2, 4);
      assertEquals(1, MsbRegLoss.dispersion(List.of(wide)).item(), 1e-12);
    }
  }

  /// The formula of the gradient, `(4 D / n) Z (C - I / D)`, on unit rows, along the sphere.
  @Test
  void dispersionGradient() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z = normal64(0, 7, 3).l2Normalize();
      Tensor c = z.matMul(z, true, false).div(7);
      Tensor full = z.matMul(c).sub(z.div(3)).mul(4 * 3.0 / 7);
      Tensor along = full.sub(z.mul(full.mul(z).sum(List.of(1), true)));
      try (Tape.Run run = Tape.record(() -> MsbRegLoss.dispersion(List.of(z)))) {
        assertArrayEquals(
            along.toDoubles(), run.gradients(List.of(z)).getFirst().toDoubles(), 1e-12);
      }
    }
  }

  @Test
  void gradientChecksAndInvariances() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = normal64(0, 5, 3);
      Tensor b = normal64(1, 5, 3);
      Tensor c = normal64(2, 5, 3).l2Normalize();
      Tensor wide = normal64(3, 2, 6);
      gradientCheck(in -> MsbRegLoss.attraction(in, c), a, b);
      gradientCheck(MsbRegLoss::dispersion, a, b);
      gradientCheck(MsbRegLoss::dispersion, wide);
      gradientCheck(in -> MsbRegLoss.diffusion(in, c), a, b);
      assertEquals(
          MsbRegLoss.dispersion(List.of(a, b)).item(),
          MsbRegLoss.dispersion(List.of(reversed(b), reversed(a.mul(4)))).item(),
          1e-12);
      assertEquals(
          MsbRegLoss.attraction(List.of(a, b), c).item(),
          MsbRegLoss.attraction(List.of(b, a), c).item(),
          1e-12);
      // No gradient to the target.
      try (Tape.Run run = Tape.record(() -> MsbRegLoss.centroid(List.of(a, b)).sum())) {
        assertArrayEquals(new double[15], run.gradients(List.of(a)).getFirst().toDoubles());
      }
    }
  }

  /// Over many draws the Brownian loss has mean 0 and deviation `1 / sqrt(B D)` where the views
  /// agree.
  @Test
  void diffusionIsUnbiased() {
    try (TensorScope _ = TensorScope.open()) {
      int rows = 4;
      int width = 8;
      int draws = 2000;
      Tensor z = normal64(0, rows, width);
      double sum = 0;
      double squares = 0;
      for (int draw = 0; draw < draws; draw++) {
        try (TensorScope _ = TensorScope.open()) {
          Tensor e = normal64(100 + draw, rows, width).l2Normalize();
          double loss = MsbRegLoss.diffusion(List.of(z, z), e).item();
          sum += loss;
          squares += loss * loss;
        }
      }
      double deviation = 1 / Math.sqrt(rows * width);
      assertEquals(0, sum / draws, 5 * deviation / Math.sqrt(draws));
      assertEquals(deviation, Math.sqrt(squares / draws), 0.08 * deviation);
    }
  }

  /// Particles that start equal and follow this loss alone spread: their mean cosine falls like
  /// `exp(-(D-1) eta^2 t / D)`.
  @ParameterizedTest
  @CsvSource({"16, 0.15, 60, 0.282", "64, 0.08, 300, 0.151"})
  void diffusionSpreadsEqualParticles(int width, double eta, int steps, double expected) {
    int particles = 64;
    assertEquals(expected, Math.exp(-(width - 1.0) / width * eta * eta * steps), 5e-4);
    try (TensorScope _ = TensorScope.open()) {
      double[] numbers =
          LayoutOps.concat(0, Collections.nCopies(particles, normal64(0, 1, width)))
              .l2Normalize()
              .toDoubles();
      for (int step = 0; step < steps; step++) {
        try (TensorScope _ = TensorScope.open()) {
          Tensor e = normal64(500 + step, particles, width).l2Normalize();
          Tensor start = Tensor.of(numbers, particles, width);
          try (Tape.Run run = Tape.record(() -> MsbRegLoss.diffusion(List.of(start), e))) {
            // The gradient is (e - z (z.e)) / particles: times their number its length is about 1.
            Tensor push = run.gradients(List.of(start)).getFirst().mul(particles);
            numbers = start.sub(push.mul(eta)).l2Normalize().toDoubles();
          }
        }
      }
      Tensor z = Tensor.of(numbers, particles, width);
      double rows = particles;
      Tensor mean = z.mean(List.of(0), false);
      double cosine = (mean.square().sum().item() * rows - 1) / (rows - 1);
      assertEquals(expected, cosine, 0.08, "expected " + expected);
    }
  }

  // ---- method ----

  /// Without the random force: two views, the target's centroid for both.
  @Test
  void trainsLikeTheStraightLine() {
    for (double singular : new double[] {0, 0.3}) {
      try (TensorScope _ = TensorScope.open();
          Method method = create(config(singular, 0));
          Trainer trainer = new Trainer(method, 0.05)) {
        StraightLine line = new StraightLine(method);
        for (int step = 0; step < STEPS; step++) {
          List<Tensor> views = views(BATCH, step);
          double want =
              line.step(
                  () -> loss(line, views, singular), name -> name.startsWith("target_") ? 0 : 0.05);
          line.follow("target_", 1 - 0.1 * (Math.cos(Math.PI * step / STEPS) + 1) / 2);
          assertEquals(want, trainer.step(step, views, noLabels(BATCH)), 1e-4);
          assertState(method, line);
        }
      }
    }
  }

  private static Tensor loss(StraightLine line, List<Tensor> views, double singular) {
    List<Tensor> online = new ArrayList<>();
    List<Tensor> targets = new ArrayList<>();
    for (Tensor view : views) {
      Tensor z = line.head("projector", line.encoder("encoder", view));
      online.add(StraightLine.unit(line.head("predictor", z)));
      Tensor y = line.head("target_projector", line.encoder("target_encoder", view));
      targets.add(StraightLine.unit(y.detach()));
    }
    Tensor c = StraightLine.unit(targets.get(0).add(targets.get(1)));
    Tensor cosines = online.get(0).add(online.get(1)).mul(c).sum().div(2.0 * BATCH);
    Tensor all = LayoutOps.concat(0, online);
    Tensor pairs = all.matMul(all, false, true).square().sum();
    double rows = 2.0 * BATCH;
    return cosines.mul(-2).add(2).add(pairs.mul(WIDTH / (rows * rows)).sub(1).mul(singular));
  }

  /// The direction is shared by the views, fresh at every step, and the same for the same step.
  @Test
  void theRandomForceIsAnotherOneEveryStep() {
    try (TensorScope _ = TensorScope.open();
        Method with = create(config(0, 1));
        Method without = create(config(0, 0))) {
      double[] force = new double[3];
      for (int i = 0; i < 3; i++) {
        with.beforeStep(i % 2);
        without.beforeStep(i % 2);
        force[i] =
            with.forward(views(BATCH, 0), noLabels(BATCH)).loss().item()
                - without.forward(views(BATCH, 0), noLabels(BATCH)).loss().item();
      }
      assertEquals(force[0], force[2], 1e-5);
      assertTrue(Math.abs(force[0] - force[1]) > 1e-4);
      assertTrue(Math.abs(force[0]) < 1);
    }
  }

  /// Any number of views has one centroid.
  @Test
  void moreViews() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(config(0.1, 0.1))) {
      List<Tensor> four = new ArrayList<>(views(BATCH, 0));
      four.addAll(views(BATCH, 1));
      double loss = method.forward(four, noLabels(BATCH)).loss().item();
      assertEquals(loss, method.forward(four.reversed(), noLabels(BATCH)).loss().item(), 1e-5);
    }
  }

  /// Without a predictor and with a target that follows at once, embeddings end in one point, and
  /// the singular value loss at D - 1; with that loss they stay apart.
  @Test
  void theSingularValuesGuardAgainstCollapse() {
    double without = dispersionAtTheEnd(0);
    double with = dispersionAtTheEnd(1);
    assertTrue(without > 1.2, "without " + without);
    assertTrue(with < 0.4, "with " + with);
  }

  private static double dispersionAtTheEnd(double singular) {
    MsbRegConfig config = new MsbRegConfig(9, WIDTH, false, 1, false, singular, 0, 0);
    try (TensorScope _ = TensorScope.open();
        Method method = new MsbRegFactory().create(config, setting(0, BATCH, 1_000_000));
        Trainer trainer = new Trainer(method, 0.1)) {
      for (int step = 0; step < 200; step++) {
        trainer.step(step, views(BATCH, 0), noLabels(BATCH));
      }
      Tensor z = method.forward(views(BATCH, 0), noLabels(BATCH)).embeddings();
      return MsbRegLoss.dispersion(List.of(z)).item();
    }
  }

  /// The more views, the steadier the centroid that they are drawn to: its mean squared distance
  /// from the middle of all views falls as 1 / m.
  @Test
  void moreViewsMakeASteadierTarget() {
    double two = unsteadiness(2);
    double four = unsteadiness(4);
    assertTrue(four < 0.6 * two, four + " with four views, " + two + " with two");
  }

  private static double unsteadiness(int views) {
    try (TensorScope _ = TensorScope.open()) {
      int images = 2000;
      Tensor middle = Tensor.of(new double[] {1, 0, 0, 0, 0, 0, 0, 0}, 1, 8);
      List<Tensor> each = new ArrayList<>();
      for (int v = 0; v < views; v++) {
        each.add(normal64(40 + v, images, 8).mul(0.1).add(middle).l2Normalize());
      }
      return MsbRegLoss.centroid(each).sub(middle).square().sum().item() / images;
    }
  }

  /// With the singular value loss embeddings use nearly all of their dimensions.
  @Test
  void theSingularValuesSpreadOverAllDimensions() {
    double without = effectiveRank(0);
    double with = effectiveRank(1);
    assertTrue(without < 0.7 * 8, "without " + without);
    assertTrue(with > 0.9 * 8, "with " + with);
  }

  /// `exp(entropy of s_k^2 / n)` of unit rows, by the eigenvalues of their Gram matrix.
  private static double effectiveRank(double singular) {
    int batch = 32;
    int width = 8;
    MsbRegConfig config = new MsbRegConfig(32, width, false, 1, true, singular, 0, 0.9);
    try (TensorScope _ = TensorScope.open();
        Method method = new MsbRegFactory().create(config, pooledSetting(batch, 300, 300));
        Trainer trainer = new Trainer(method, 0.1)) {
      for (int step = 0; step < 300; step++) {
        trainer.step(step, related(batch, step, 2), unknown(batch));
      }
      Tensor z = method.forward(related(batch, 0, 2), unknown(batch)).embeddings().l2Normalize();
      double[] gram = z.matMul(z, true, false).div(batch).toDoubles();
      double[][] rows = new double[width][];
      Arrays.setAll(rows, i -> Arrays.copyOfRange(gram, i * width, (i + 1) * width));
      return Math.exp(
          Arrays.stream(SymmetricEigen.values(rows))
              .filter(l -> l > 0)
              .map(l -> -l * Math.log(l))
              .sum());
    }
  }

  @Test
  void smallPrint() {
    try (Method method = create(config(0.3, 0.1))) {
      assertEquals(0.3 * (WIDTH - 1), method.collapseValue(), 1e-12);
    }
    refuses("[config] brownian must be a number of at least 0; got -1.0", () -> config(0, -1));
    refuses(
        "[config] singular must be a number of at least 0; got NaN", () -> config(Double.NaN, 0));
  }

  /// Twice (1, 0): one singular value, `2/D (1 - 1/sqrt D)`. Rows (1, 0), (0, 1): equal ones, 0.
  @Test
  void explicitFormByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor right = Tensor.of(new double[] {5, 0}, 1, 2);
      Tensor up = Tensor.of(new double[] {0, 2}, 1, 2);
      assertEquals(0, MsbRegLoss.singularValues(List.of(right, up)).item(), 1e-9);
      assertEquals(
          1 - Math.sqrt(0.5), MsbRegLoss.singularValues(List.of(right, right)).item(), 1e-9);
      // Two rows of four dimensions: two singular values of 1, two that count as 0.
      Tensor wide = Tensor.of(new double[] {1, 0, 0, 0, 0, 1, 0, 0}, 2, 4);
      double each = Math.pow(1 / Math.sqrt(2) - 0.5, 2);
      assertEquals(
          (2 * each + 2 * 0.25) / 4, MsbRegLoss.singularValues(List.of(wide)).item(), 1e-9);
    }
  }

  /// Against the definition, `1/D sum_k (s_k / sqrt n - 1 / sqrt D)^2`: rows that are c_k times the
  /// k-th axis of a turned frame have the singular values `sqrt(c_k)`.
  @Test
  void explicitFormIsItsDefinition() {
    for (int[] counts : new int[][] {{5, 3, 1, 0}, {4, 4, 4}, {3, 1, 0, 0, 0, 0, 0}}) {
      try (TensorScope _ = TensorScope.open()) {
        int width = counts.length;
        int rows = 0;
        List<Tensor> axes = new ArrayList<>();
        Tensor v = normal64(3, 1, width).l2Normalize(); // I - 2 v v^T turns the frame
        Tensor frame = unit(width).sub(v.matMul(v, true, false).mul(2));
        for (int k = 0; k < width; k++) {
          for (int i = 0; i < counts[k]; i++) {
            axes.add(frame.narrow(0, k, 1).mul(i % 2 == 0 ? 3 : -2)); // of any length and sign
            rows++;
          }
        }
        double want = 0;
        for (int count : counts) {
          want += Math.pow(Math.sqrt((double) count / rows) - 1 / Math.sqrt(width), 2) / width;
        }
        assertEquals(want, MsbRegLoss.singularValues(axes).item(), 1e-5);
      }
    }
  }

  private static Tensor unit(int width) {
    double[] entries = new double[width * width];
    for (int i = 0; i < width; i++) {
      entries[i * width + i] = 1;
    }
    return Tensor.of(entries, width, width);
  }

  @Test
  void gradientOfTheExplicitForm() {
    try (TensorScope _ = TensorScope.open()) {
      for (int rows : new int[] {7, 3}) {
        Tensor z = normal64(5, rows, 4);
        GradCheck.of(MsbRegLoss::singularValues).firstOrder(List.of(z), 1).orThrow();
      }
    }
  }

  /// The explicit form alone keeps embeddings apart where there is no predictor and no slow copy.
  @Test
  void theExplicitFormTrainsAndSaysWhereItCollapses() {
    MsbRegConfig explicit =
        new MsbRegConfig(9, WIDTH, true, 12, true, 2, 0, 0.9, MsbRegConfig.Dispersion.EXPLICIT);
    try (Method method = create(explicit)) {
      assertEquals(2 * 2.0 / 3 * (1 - 1 / Math.sqrt(3)), method.collapseValue(), 1e-12);
    }
    try (Method method = create(config(2, 0))) {
      assertEquals(4, method.collapseValue(), 1e-12);
    }
  }
}
