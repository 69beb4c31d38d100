package ibrik.ssl.method.simclr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.ssl.augment.Views;
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

class SimClrTest extends MethodTest {
  private static final int BATCH = 5;
  private static final SimClrConfig CONFIG = new SimClrConfig(6, 3, 0.5);

  private static Method create() {
    return new SimClrFactory().create(CONFIG, setting(0, BATCH, 3));
  }

  private static List<Tensor> views(long step) {
    return List.of(images(BATCH, 2 * step), images(BATCH, 2 * step + 1));
  }

  private static Tensor labels() {
    return Tensor.of(new int[BATCH], BATCH);
  }

  /// One pass for both views, a norm with scale only at the end, eq. 1 with sums of exponentials.
  private static Tensor loss(StraightLine line, List<Tensor> views) {
    Tensor y = line.encoder("encoder", LayoutOps.concat(0, views));
    Tensor z = line.norm("projector.layers.4", line.head("projector", y));
    Tensor unit = StraightLine.unit(z);
    Tensor cosines = unit.matMul(unit, false, true).div(0.5);
    int rows = 2 * BATCH;
    double[] others = new double[rows * rows];
    double[] partners = new double[rows * rows];
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < rows; k++) {
        others[i * rows + k] = i == k ? 0 : 1;
        partners[i * rows + k] = k == (i + BATCH) % rows ? 1 : 0;
      }
    }
    Tensor all =
        cosines.exp().mul(Tensor.of(others, rows, rows)).sum(List.of(1), false).log().sum();
    return all.sub(cosines.mul(Tensor.of(partners, rows, rows)).sum()).div(rows);
  }

  @Test
  void trainsLikeTheStraightLine() {
    try (TensorScope _ = TensorScope.open();
        Method method = create();
        Trainer trainer = new Trainer(method, 0.05)) {
      StraightLine line = new StraightLine(method);
      for (int step = 0; step < 3; step++) {
        List<Tensor> views = views(step);
        double want = line.step(() -> loss(line, views), _ -> 0.05);
        assertEquals(want, trainer.step(step, views, labels()), 1e-4);
        assertState(method, line);
      }
    }
  }

  @Test
  void aPassShowsFeaturesAndEmbeddingsOfTheFirstView() {
    try (TensorScope _ = TensorScope.open();
        Method method = create()) {
      Method.Pass pass = method.forward(views(0), labels());
      StraightLine line = new StraightLine(method);
      Tensor y = line.encoder("encoder", LayoutOps.concat(0, views(0)));
      Tensor z = line.norm("projector.layers.4", line.head("projector", y));
      assertArrayEquals(y.narrow(0, 0, BATCH).toDoubles(), pass.features().toDoubles(), 1e-5);
      assertArrayEquals(z.narrow(0, 0, BATCH).toDoubles(), pass.embeddings().toDoubles(), 1e-5);
    }
  }

  @Test
  void smallPrint() {
    try (Method method = create()) {
      assertEquals(Math.log(9), method.collapseValue(), 1e-12);
      assertEquals(2, method.viewCount());
      assertEquals(Map.of(), method.scalars(1));
      assertEquals(List.of(1.0), method.groups().stream().map(Method.Group::lrFactor).toList());
      assertEquals(List.of("encoder", "projector"), List.copyOf(method.networks().keySet()));
      assertThrows(UnsupportedOperationException.class, () -> method.networks().clear());
    }
  }

  @Test
  void rangesAreChecked() {
    IllegalArgumentException hidden =
        assertThrows(IllegalArgumentException.class, () -> new SimClrConfig(0, 1, 1));
    assertEquals("[config] projector_hidden must be at least 1; got 0", hidden.getMessage());
    IllegalArgumentException out =
        assertThrows(IllegalArgumentException.class, () -> new SimClrConfig(1, -2, 1));
    assertEquals("[config] projector_out must be at least 1; got -2", out.getMessage());
  }

  /// Small images: lightly's benchmark (SGD 0.06 per 128 images, decay 5e-4 on everything, mean
  /// loss like ours, t 0.5); large ones: the paper's.
  @Test
  void presets() {
    SimClrFactory factory = new SimClrFactory();
    assertEquals(new SimClrConfig(512, 128, 0.5), factory.defaults(Preset.CIFAR));
    assertEquals(new SimClrConfig(2048, 128, 0.1), factory.defaults(Preset.IMAGENET));
    assertEquals(
        Recipe.sgd(0.12, 5e-4, 128, 200, 0).decayingEverything(), factory.recipe(Preset.CIFAR));
    assertEquals(Recipe.lars(0.3, 1e-6, 256, 100, 10), factory.recipe(Preset.IMAGENET));
    assertEquals(Views.simclr(0.5, 0), factory.views(Preset.CIFAR));
    assertEquals(Views.simclr(1, 0.5), factory.views(Preset.IMAGENET));
    assertEquals(Views.gentle(), factory.views(Preset.GREY));
  }
}
