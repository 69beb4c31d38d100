package ibrik.ssl.method.barlow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.nn.Parameter;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import ibrik.ssl.method.StraightLine;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BarlowTwinsTest extends MethodTest {
  private static final int BATCH = 6;
  private static final int STEPS = 3;
  private static final int WIDTH = 3;
  private static final double LAMBDA = 0.1;
  private static final BarlowTwinsConfig CONFIG =
      new BarlowTwinsConfig(3, 5, WIDTH, LAMBDA, 0.5, 0.25);

  private static Method create() {
    return new BarlowTwinsFactory().create(CONFIG, setting(0, BATCH, STEPS));
  }

  // ---- loss ----

  /// Columns of +-1 are standardised already (but for eps): first view (+,-,+,-), (+,+,-,-); second
  /// view (+,-,+,-), (+,-,+,-). C = [[1, 1], [0, 0]]: `0 + 1 + lambda (1 + 0)`.
  @Test
  void byHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z1 = Tensor.of(new double[] {1, 1, -1, 1, 1, -1, -1, -1}, 4, 2);
      Tensor z2 = Tensor.of(new double[] {1, 1, -1, -1, 1, 1, -1, -1}, 4, 2);
      assertEquals(1.1, BarlowTwinsLoss.of(z1, z2, 0.1).item(), 1e-4);
      assertEquals(0, BarlowTwinsLoss.of(z1, z1, 0.1).item(), 1e-8);
      assertEquals(2 + 2 * 0.1, BarlowTwinsLoss.of(z2, z2, 0.1).item() + 2, 1e-4);
    }
  }

  /// Collapsed embeddings have no correlations: each dimension costs 1.
  @Test
  void collapse() {
    try (TensorScope _ = TensorScope.open();
        Method method = create()) {
      Tensor row = normal64(0, 1, 4);
      Tensor same = LayoutOps.concat(0, List.of(row, row, row));
      assertEquals(4, BarlowTwinsLoss.of(same, same, 0.1).item(), 1e-9);
      assertEquals(0.5 * WIDTH, method.collapseValue());
    }
  }

  @Test
  void gradientCheckAndInvariances() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z1 = normal64(0, 5, 3);
      Tensor z2 = normal64(1, 5, 3);
      gradientCheck(in -> BarlowTwinsLoss.of(in.get(0), in.get(1), 0.1), z1, z2);
      double loss = BarlowTwinsLoss.of(z1, z2, 0.1).item();
      assertEquals(loss, BarlowTwinsLoss.of(z2, z1, 0.1).item(), 1e-12);
      assertEquals(loss, BarlowTwinsLoss.of(reversed(z1), reversed(z2), 0.1).item(), 1e-12);
      // Shift and scale of a dimension do not matter (but for eps).
      assertEquals(loss, BarlowTwinsLoss.of(z1.mul(3).add(7), z2, 0.1).item(), 1e-3);
    }
  }

  /// The gradient wants the diagonal at 1: uncorrelated views pull together, and only there if
  /// lambda is 0.
  @Test
  void gradientByHand() {
    try (TensorScope _ = TensorScope.open()) {
      // One dimension, z1 = (1, -1, 1, -1), z2 = (1, 1, -1, -1): C = 0, dL/dC = -2,
      // dC/dz1' = z2' / 4; standardising removes mean and the part along z1, both 0.
      Tensor z1 = Tensor.of(new double[] {1, -1, 1, -1}, 4, 1);
      Tensor z2 = Tensor.of(new double[] {1, 1, -1, -1}, 4, 1);
      try (Tape.Run run = Tape.record(() -> BarlowTwinsLoss.of(z1, z2, 0))) {
        assertArrayEquals(
            new double[] {-0.5, -0.5, 0.5, 0.5},
            run.gradients(List.of(z1)).getFirst().toDoubles(),
            1e-4);
      }
    }
  }

  // ---- method ----

  private static Tensor standard(Tensor z) {
    Tensor centred = z.sub(z.mean(List.of(0), true));
    return centred.div(centred.square().mean(List.of(0), true).add(1e-5).sqrt());
  }

  private static Tensor loss(StraightLine line, List<Tensor> views) {
    Tensor z1 = standard(line.mlp("projector", 3, line.encoder("encoder", views.get(0))));
    Tensor z2 = standard(line.mlp("projector", 3, line.encoder("encoder", views.get(1))));
    Tensor c = z1.matMul(z2, true, false).div(BATCH);
    double[] eye = new double[WIDTH * WIDTH];
    double[] rest = new double[WIDTH * WIDTH];
    for (int i = 0; i < eye.length; i++) {
      eye[i] = i % (WIDTH + 1) == 0 ? 1 : 0;
      rest[i] = 1 - eye[i];
    }
    Tensor diagonal = c.sub(1).square().mul(Tensor.of(eye, WIDTH, WIDTH)).sum();
    Tensor others = c.square().mul(Tensor.of(rest, WIDTH, WIDTH)).sum();
    return diagonal.add(others.mul(LAMBDA)).mul(0.5);
  }

  /// Biases and norms learn at a quarter of the rate.
  @Test
  void trainsLikeTheStraightLine() {
    try (TensorScope _ = TensorScope.open();
        Method method = create();
        Trainer trainer = new Trainer(method, 0.04)) {
      StraightLine line = new StraightLine(method);
      for (int step = 0; step < STEPS; step++) {
        List<Tensor> views = views(BATCH, step);
        double want =
            line.step(() -> loss(line, views), name -> name.endsWith(".weight") ? 0.04 : 0.01);
        assertEquals(want, trainer.step(step, views, noLabels(BATCH)), 1e-4);
        assertState(method, line);
      }
    }
  }

  /// Without the redundancy term dimensions repeat one another.
  @Test
  void redundancyIsWhatLambdaReduces() {
    double without = redundancy(0);
    double with = redundancy(0.5);
    assertTrue(with < 0.1 * without, with + " with the term, " + without + " without");
  }

  /// Mean of the squared correlations of two dimensions after training.
  private static double redundancy(double lambda) {
    int batch = 16;
    int width = 3;
    BarlowTwinsConfig config = new BarlowTwinsConfig(2, 16, width, lambda, 1, 1);
    try (TensorScope _ = TensorScope.open();
        Method method = new BarlowTwinsFactory().create(config, pooledSetting(batch, 200, 200));
        Trainer trainer = new Trainer(method, 0.02)) {
      for (int step = 0; step < 200; step++) {
        trainer.step(step, related(batch, step, 2), unknown(batch));
      }
      Tensor z = standard(method.forward(related(batch, 0, 2), unknown(batch)).embeddings());
      double all = z.matMul(z, true, false).div(batch).square().sum().item();
      return (all - width) / (width * (width - 1));
    }
  }

  @Test
  void groupsByRole() {
    try (Method method = create()) {
      assertEquals(List.of(1.0, 0.25), method.groups().stream().map(g -> g.lrFactor()).toList());
      assertEquals(Set.of(Parameter.Role.WEIGHT), roles(method.groups().get(0)));
      assertTrue(!roles(method.groups().get(1)).contains(Parameter.Role.WEIGHT));
    }
  }

  private static Set<Parameter.Role> roles(Method.Group group) {
    return group.parameters().stream().map(Parameter::role).collect(Collectors.toSet());
  }

  @Test
  void rangesAndRecipes() {
    refuses(
        "[config] lambda must be a number of at least 0; got -1.0",
        () -> new BarlowTwinsConfig(1, 1, 1, -1, 1, 1));
    refuses(
        "[config] scale must be a number above 0; got 0.0",
        () -> new BarlowTwinsConfig(1, 1, 1, 1, 0, 1));
    BarlowTwinsFactory factory = new BarlowTwinsFactory();
    BarlowTwinsConfig paper = factory.defaults(Preset.IMAGENET);
    assertEquals(0.0051, paper.lambda());
    assertEquals(8192, paper.projectorOut());
    assertEquals(0.0048, 0.2 * paper.biasLrFactor(), 1e-12);
    assertEquals(
        Recipe.lars(0.2, 1e-6, 256, 1000, 10).endingAt(1e-3), factory.recipe(Preset.IMAGENET));
  }
}
