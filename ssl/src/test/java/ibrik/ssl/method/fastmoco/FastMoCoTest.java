package ibrik.ssl.method.fastmoco;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.nn.BatchNorm;
import ibrik.nn.Build;
import ibrik.nn.Linear;
import ibrik.nn.Sequential;
import ibrik.nn.model.Encoder;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory.Setting;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import ibrik.ssl.method.StraightLine;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FastMoCoTest extends MethodTest {
  private static final int BATCH = 6;
  private static final int STEPS = 3;
  private static final double T = 0.4;

  /// The mean over the image, then what [MethodTest.Tiny] has: takes images of any size.
  private static final class Pooled extends Encoder {
    private final Sequential layers;

    Pooled(Build build) {
      super(build);
      layers =
          child(
              "layers",
              b ->
                  new Sequential(b)
                      .add(c -> new Linear(c, 3, FEATURES, true))
                      .add(c -> new BatchNorm(c, FEATURES)));
    }

    @Override
    public int featureDim() {
      return FEATURES;
    }

    @Override
    public Tensor forward(Tensor x) {
      return layers.forward(x.mean(List.of(1, 2), false));
    }
  }

  private static Method create(int combine) {
    return new FastMoCoFactory()
        .create(
            new FastMoCoConfig(2, combine, 9, 3, 12, T, 0.9, true),
            new Setting(Build.cpu(11), Pooled::new, 0, BATCH, STEPS));
  }

  private static List<Tensor> pictures(long step) {
    List<Tensor> both = new ArrayList<>();
    for (long view = 0; view < 2; view++) {
      both.add(Tensor.of(normals(BATCH * 4 * 4 * 3, 2 * step + view), BATCH, 4, 4, 3));
    }
    return both;
  }

  // ---- patches ----

  /// A 2x4 image of one channel, cut in two by two: columns 0, 1 and 2, 3 of either row.
  @Test
  void splitByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor images =
          Tensor.of(
              new float[] {0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17}, 2, 2, 4, 1);
      Tensor patches = Patches.split(images, 2);
      assertArrayEquals(
          new double[] {0, 1, 10, 11, 2, 3, 12, 13, 4, 5, 14, 15, 6, 7, 16, 17},
          patches.toDoubles());
      assertEquals("f32[8,1,2,1]", patches.spec().toString());
      refuses(
          "[patches] split must divide height and width; got 3 and images: f32[2,2,4,1]; set"
              + " another --image-size or --split",
          () -> Patches.split(images, 3));
    }
  }

  @Test
  void channelsStayTogether() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = pictures(0).getFirst();
      Tensor patches = Patches.split(x, 2);
      // Patch 3, lower right, of image 1: rows 2, 3 and columns 2, 3.
      Tensor want = x.narrow(0, 1, 1).narrow(1, 2, 2).narrow(2, 2, 2);
      assertArrayEquals(want.toDoubles(), patches.narrow(0, 3 * BATCH + 1, 1).toDoubles());
    }
  }

  @Test
  void choicesAreInOrder() {
    assertEquals(
        List.of(
            List.of(0, 1),
            List.of(0, 2),
            List.of(0, 3),
            List.of(1, 2),
            List.of(1, 3),
            List.of(2, 3)),
        Patches.choices(4, 2));
    assertEquals(4, Patches.choices(4, 3).size());
    assertEquals(List.of(List.of(0, 1, 2, 3)), Patches.choices(4, 4));
  }

  @Test
  void combineByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor features = Tensor.of(new double[] {1, 2, 3, 5, 10, 20}, 6, 1); // three patches of two
      assertArrayEquals(
          new double[] {2, 3.5, 5.5, 11, 6.5, 12.5},
          Patches.combine(features, 3, 2).toDoubles(),
          1e-12);
    }
  }

  /// Without paddings and with pooling, the mean of all patches is what the whole view gives.
  @Test
  void allPatchesTogetherAreTheWholeView() {
    try (TensorScope _ = TensorScope.open();
        Pooled encoder = new Pooled(Build.cpu(3))) {
      encoder.eval();
      Tensor x = pictures(0).getFirst();
      assertArrayEquals(
          encoder.forward(x).toDoubles(),
          Patches.combine(encoder.forward(Patches.split(x, 2)), 4, 4).toDoubles(),
          1e-5);
    }
  }

  // ---- method ----

  private static Tensor encode(StraightLine line, String of, Tensor x) {
    Tensor pooled = x.cast(ibrik.tensor.DType.F64).mean(List.of(1, 2), false);
    return line.norm(of + "encoder.layers.1", line.linear(of + "encoder.layers.0", pooled));
  }

  /// Twelve terms one by one: each pair of patches of a view against the whole other view.
  private static Tensor loss(StraightLine line, List<Tensor> views) {
    List<Tensor> predictions = new ArrayList<>();
    List<Tensor> wholes = new ArrayList<>();
    for (Tensor view : views) {
      List<Tensor> patches = new ArrayList<>();
      for (int row = 0; row < 4; row += 2) {
        for (int column = 0; column < 4; column += 2) {
          patches.add(view.narrow(1, row, 2).narrow(2, column, 2));
        }
      }
      Tensor y = encode(line, "", LayoutOps.concat(0, patches));
      List<Tensor> pairs = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        for (int j = i + 1; j < 4; j++) {
          pairs.add(
              y.narrow(0, (long) i * BATCH, BATCH)
                  .add(y.narrow(0, (long) j * BATCH, BATCH))
                  .div(2));
        }
      }
      Tensor z = line.mlp("projector", 3, LayoutOps.concat(0, pairs));
      predictions.add(line.head("predictor", z));
      wholes.add(line.mlp("target_projector", 3, encode(line, "target_", view)).detach());
    }
    Tensor loss = null;
    for (int v = 0; v < 2; v++) {
      for (int pair = 0; pair < 6; pair++) {
        Tensor p = predictions.get(v).narrow(0, (long) pair * BATCH, BATCH);
        Tensor term = StraightLine.diagonal(p, wholes.get(1 - v), T);
        loss = loss == null ? term : loss.add(term);
      }
    }
    return java.util.Objects.requireNonNull(loss).div(12);
  }

  @Test
  void trainsLikeTheStraightLine() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(2);
        Trainer trainer = new Trainer(method, 0.05)) {
      StraightLine line = new StraightLine(method);
      for (int step = 0; step < STEPS; step++) {
        List<Tensor> views = pictures(step);
        double want =
            line.step(() -> loss(line, views), name -> name.startsWith("target_") ? 0 : 0.05);
        line.follow("target_", 0.9);
        assertEquals(want, trainer.step(step, views, noLabels(BATCH)), 1e-4);
        assertState(method, line);
      }
    }
  }

  @Test
  void viewsMayBeSwappedAndAnyNumberOfPatchesCombined() {
    for (int combine = 1; combine <= 4; combine++) {
      try (TensorScope _ = TensorScope.open();
          Method method = create(combine)) {
        List<Tensor> views = pictures(0);
        double loss = method.forward(views, noLabels(BATCH)).loss().item();
        assertEquals(loss, method.forward(views.reversed(), noLabels(BATCH)).loss().item(), 1e-5);
        assertTrue(Math.abs(loss - Math.log(BATCH)) < 2.5, "loss " + loss);
        Method.Pass pass = method.forward(views, noLabels(BATCH));
        assertEquals("f32[6,4]", pass.features().spec().toString());
        assertEquals("f32[6,3]", pass.embeddings().spec().toString());
      }
    }
  }

  @Test
  void noGradientReachesTheTarget() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(2);
        Tape.Run run = Tape.record(() -> method.forward(pictures(0), noLabels(BATCH)).loss())) {
      List<Tensor> wrt =
          method.networks().get("target_encoder").parameters().stream()
              .map(p -> p.value())
              .toList();
      for (Tensor gradient : run.gradients(wrt)) {
        assertArrayEquals(new double[(int) gradient.elems()], gradient.toDoubles());
      }
    }
  }

  /// With a target that follows at once the negatives still keep images apart.
  @Test
  void negativesDoWithoutASlowTarget() {
    double slow = excess(0.9);
    double at = excess(0);
    assertTrue(slow < -0.4, "slow target " + slow);
    assertTrue(at < -0.4, "at once " + at);
  }

  /// The loss after some steps, less its collapse value.
  private static double excess(double tau) {
    int batch = 16;
    int steps = 150;
    try (TensorScope _ = TensorScope.open();
        Method method =
            new FastMoCoFactory()
                .create(
                    new FastMoCoConfig(2, 2, 16, 8, 16, 0.2, tau, true),
                    new Setting(Build.cpu(11), Pooled::new, 0, batch, steps));
        Trainer trainer = new Trainer(method, 0.05)) {
      double loss = 0;
      for (int step = 0; step < steps; step++) {
        loss = trainer.step(step, related(batch, step, 2), unknown(batch));
      }
      return loss - method.collapseValue();
    }
  }

  @Test
  void rangesAndRecipes() {
    refuses(
        "[config] combine must be between 1 and the 4 patches of a view; got 5",
        () -> new FastMoCoConfig(2, 5, 1, 1, 1, 1, 1, true));
    refuses(
        "[config] split must be between 1 and 4; got 0",
        () -> new FastMoCoConfig(0, 1, 1, 1, 1, 1, 1, true));
    refuses(
        "[config] temperature must be a number above 0; got 0.0",
        () -> new FastMoCoConfig(2, 2, 1, 1, 1, 0, 1, true));
    FastMoCoFactory factory = new FastMoCoFactory();
    Recipe recipe = factory.recipe(Preset.IMAGENET);
    assertEquals(1, recipe.clipNorm());
    assertEquals(0.1, recipe.baseLr() * 512 / 256);
    assertEquals(
        new FastMoCoConfig(2, 2, 2048, 2048, 512, 1, 0.99, true),
        factory.defaults(Preset.IMAGENET));
    try (Method method = create(2)) {
      assertEquals(Math.log(BATCH), method.collapseValue());
      assertEquals(List.of(false, true), method.groups().stream().map(g -> g.steady()).toList());
    }
  }
}
