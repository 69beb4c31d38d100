package ibrik.ssl.method.byol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.nn.Module;
import ibrik.nn.Parameter;
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
import org.junit.jupiter.api.Test;

class ByolTest extends MethodTest {
  private static final int BATCH = 6;
  private static final int STEPS = 4;
  private static final ByolConfig CONFIG = new ByolConfig(5, 3, 6, true, 10, 0.9);
  private static final ByolConfig BARE = new ByolConfig(5, 3, 6, false, 1, 0.9);

  private static Method create(ByolConfig config) {
    return new ByolFactory().create(config, setting(0, BATCH, STEPS));
  }

  private static List<Tensor> views(long step) {
    return List.of(images(BATCH, 2 * step), images(BATCH, 2 * step + 1));
  }

  private static Tensor noLabels() {
    int[] labels = new int[BATCH];
    Arrays.fill(labels, -1);
    return Tensor.of(labels, BATCH);
  }

  /// Both views apart through either network, v1 first; `2 - 2 cos` in both directions, summed.
  private static Tensor loss(StraightLine line, List<Tensor> views, boolean predictor) {
    Tensor z1 = line.head("projector", line.encoder("encoder", views.get(0)));
    Tensor z2 = line.head("projector", line.encoder("encoder", views.get(1)));
    Tensor p1 = predictor ? line.head("predictor", z1) : z1;
    Tensor p2 = predictor ? line.head("predictor", z2) : z2;
    Tensor t1 = line.head("target_projector", line.encoder("target_encoder", views.get(0)));
    Tensor t2 = line.head("target_projector", line.encoder("target_encoder", views.get(1)));
    Tensor cosines =
        StraightLine.unit(p1)
            .mul(StraightLine.unit(t2))
            .add(StraightLine.unit(p2).mul(StraightLine.unit(t1)))
            .sum();
    return cosines.mul(-2.0 / BATCH).add(4);
  }

  /// The whole run: SGD on the online network, the predictor ten times faster; then the target
  /// follows the new weights with this step's tau; running statistics of either network its own.
  private static void trainsLikeTheStraightLine(ByolConfig config) {
    try (TensorScope _ = TensorScope.open();
        Method method = create(config);
        Trainer trainer = new Trainer(method, 0.05)) {
      StraightLine line = new StraightLine(method);
      for (int step = 0; step < STEPS; step++) {
        List<Tensor> views = views(step);
        double want =
            line.step(
                () -> loss(line, views, config.predictor()),
                name ->
                    name.startsWith("target_")
                        ? 0
                        : name.startsWith("predictor") ? 0.05 * config.predictorLrFactor() : 0.05);
        line.follow("target_", 1 - 0.1 * (Math.cos(Math.PI * step / STEPS) + 1) / 2);
        assertEquals(want, trainer.step(step, views, noLabels()), 1e-4);
        assertState(method, line);
      }
    }
  }

  @Test
  void trainsLikeTheStraightLine() {
    trainsLikeTheStraightLine(CONFIG);
  }

  @Test
  void trainsWithoutAPredictor() {
    trainsLikeTheStraightLine(BARE);
    try (Method method = create(BARE)) {
      assertEquals(1, method.groups().size());
      assertTrue(method.state().keySet().stream().noneMatch(n -> n.startsWith("predictor")));
    }
  }

  @Test
  void theTargetStartsAsACopyAndIsNotTrained() {
    try (Method method = create(CONFIG)) {
      Map<String, double[]> start = snapshot(method);
      start.forEach(
          (name, numbers) -> {
            if (name.startsWith("target_")) {
              assertArrayEquals(start.get(name.substring(7)), numbers, name);
            }
          });
      assertEquals(2, method.groups().size());
      assertEquals(
          List.of(1.0, 10.0), method.groups().stream().map(Method.Group::lrFactor).toList());
      List<String> trained = method.trainable().stream().map(Parameter::name).toList();
      assertTrue(trained.stream().noneMatch(name -> name.startsWith("target_")));
      long online =
          start.keySet().stream()
              .filter(n -> !n.startsWith("target_") && !n.contains(".running_"))
              .count();
      assertEquals(online, trained.size());
    }
  }

  @Test
  void noGradientReachesTheTarget() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(CONFIG);
        Tape.Run run = Tape.record(() -> method.forward(views(0), noLabels()).loss())) {
      for (String network : List.of("target_encoder", "target_projector")) {
        Module target = method.networks().get(network);
        assertFalse(target == null);
        List<Tensor> wrt = target.parameters().stream().map(Parameter::value).toList();
        for (Tensor gradient : run.gradients(wrt)) {
          assertArrayEquals(new double[(int) gradient.elems()], gradient.toDoubles());
        }
      }
    }
  }

  /// The two views are alike to the loss: swapped, the same value.
  @Test
  void viewsMayBeSwapped() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(CONFIG)) {
      double loss = method.forward(views(0), noLabels()).loss().item();
      assertEquals(loss, method.forward(views(0).reversed(), noLabels()).loss().item(), 1e-5);
      assertTrue(loss > 0 && loss < 8);
    }
  }

  @Test
  void aPassShowsFeaturesAndProjectionsOfTheFirstView() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(CONFIG)) {
      Method.Pass pass = method.forward(views(0), noLabels());
      StraightLine line = new StraightLine(method);
      Tensor y = line.encoder("encoder", views(0).getFirst());
      assertArrayEquals(y.toDoubles(), pass.features().toDoubles(), 1e-5);
      assertArrayEquals(line.head("projector", y).toDoubles(), pass.embeddings().toDoubles(), 1e-5);
    }
  }

  /// A run that stops and goes on from its state and its step is the run that did not stop.
  @Test
  void theStateIsAllThereIs() {
    try (TensorScope _ = TensorScope.open();
        Method whole = create(CONFIG);
        Method second = create(CONFIG)) {
      try (Trainer trainer = new Trainer(whole, 0.05)) {
        trainer.step(0, views(0), noLabels());
        trainer.step(1, views(1), noLabels());
      }
      second
          .state()
          .forEach(
              (name, variable) -> {
                var from = whole.state().get(name);
                assertFalse(from == null);
                variable.set(from.value());
              });
      try (Trainer one = new Trainer(whole, 0.05);
          Trainer other = new Trainer(second, 0.05)) {
        assertEquals(one.step(2, views(2), noLabels()), other.step(2, views(2), noLabels()));
      }
      snapshot(whole)
          .forEach((name, numbers) -> assertArrayEquals(numbers, snapshot(second).get(name)));
    }
  }

  @Test
  void tauRisesToOne() {
    try (Method method = create(CONFIG)) {
      assertEquals(Map.of("tau", 0.9), method.scalars(0));
      assertEquals(0.95, method.scalars(2).getOrDefault("tau", 0.0), 1e-12);
      assertEquals(Map.of("tau", 1.0), method.scalars(STEPS));
      assertEquals(0, method.collapseValue());
      assertEquals(2, method.viewCount());
      assertThrows(UnsupportedOperationException.class, () -> method.networks().clear());
    }
  }

  @Test
  void closingTwiceIsFine() {
    Method method = create(CONFIG);
    method.close();
    method.close();
  }

  /// The encoder cannot be made: nothing stays behind.
  @Test
  void aFailedConstructorLeavesNothing() {
    var good = setting(0, BATCH, STEPS);
    int[] made = new int[1];
    var failing =
        new ibrik.ssl.method.MethodFactory.Setting(
            good.build(),
            build -> {
              if (made[0]++ == 1) {
                throw new IllegalStateException("the second one fails");
              }
              return good.encoder().apply(build);
            },
            0,
            BATCH,
            STEPS);
    assertThrows(IllegalStateException.class, () -> new ByolFactory().create(CONFIG, failing));
    assertEquals(2, made[0]);
  }

  @Test
  void rangesAreChecked() {
    refuses(
        "[config] projector_hidden must be at least 1; got 0",
        () -> new ByolConfig(0, 1, 1, true, 1, 1));
    refuses(
        "[config] projector_out must be at least 1; got 0",
        () -> new ByolConfig(1, 0, 1, true, 1, 1));
    refuses(
        "[config] predictor_hidden must be at least 1; got 0",
        () -> new ByolConfig(1, 1, 0, true, 1, 1));
    refuses(
        "[config] predictor_lr_factor must be a number of at least 0; got -1.0",
        () -> new ByolConfig(1, 1, 1, true, -1, 1));
    refuses(
        "[config] tau_base must be in [0, 1]; got 1.5",
        () -> new ByolConfig(1, 1, 1, true, 1, 1.5));
    refuses(
        "[config] tau_base must be in [0, 1]; got NaN",
        () -> new ByolConfig(1, 1, 1, true, 1, Double.NaN));
  }

  /// Small images: lightly's benchmark (SGD 0.06 per 128 images, decay 5e-4 on everything, a
  /// quarter of our loss); large ones: the official code's numbers for 300 epochs.
  @Test
  void presets() {
    ByolFactory factory = new ByolFactory();
    assertEquals(new ByolConfig(1024, 256, 1024, true, 1, 0.99), factory.defaults(Preset.CIFAR));
    assertEquals(new ByolConfig(4096, 256, 4096, true, 1, 0.99), factory.defaults(Preset.IMAGENET));
    Recipe recipe = factory.recipe(Preset.CIFAR);
    assertEquals(0.06 / 4, recipe.baseLr() * 128 / 256);
    assertEquals(5e-4 * 4, recipe.weightDecay());
    assertEquals("sgd", recipe.optimizer());
    assertTrue(recipe.decayEverything());
    assertEquals(
        List.of(128, 200, 0), List.of(recipe.batchSize(), recipe.epochs(), recipe.warmUpEpochs()));
    assertEquals(Recipe.lars(0.3, 1e-6, 256, 300, 10), factory.recipe(Preset.IMAGENET));
    assertEquals(Views.byolCifar(), factory.views(Preset.CIFAR));
    assertEquals(Views.byol(), factory.views(Preset.IMAGENET));
    assertEquals(Views.gentle(), factory.views(Preset.GREY));
  }
}
