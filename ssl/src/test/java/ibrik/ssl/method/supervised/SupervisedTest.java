package ibrik.ssl.method.supervised;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import ibrik.ssl.method.StraightLine;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SupervisedTest extends MethodTest {
  private static final int BATCH = 6;
  private static final int CLASSES = 3;
  private static final int[] LABELS = {0, 2, 1, 1, 2, 0};

  private static Method create(double smoothing, int classes) {
    return new SupervisedFactory()
        .create(new SupervisedConfig(smoothing), setting(classes, BATCH, 3));
  }

  /// Cross entropy against `(1 - s) onehot + s / classes`.
  private static Tensor loss(StraightLine line, Tensor view, double smoothing) {
    Tensor logits = line.linear("classifier", line.encoder("encoder", view));
    double[] target = new double[BATCH * CLASSES];
    for (int i = 0; i < target.length; i++) {
      target[i] = smoothing / CLASSES + (i % CLASSES == LABELS[i / CLASSES] ? 1 - smoothing : 0);
    }
    Tensor logs = logits.sub(logits.exp().sum(List.of(1), true).log());
    return logs.mul(Tensor.of(target, BATCH, CLASSES)).sum().div(-BATCH);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 1})
  void trainsLikeTheStraightLine(double smoothing) {
    try (TensorScope _ = TensorScope.open();
        Method method = create(smoothing, CLASSES);
        Trainer trainer = new Trainer(method, 0.05)) {
      StraightLine line = new StraightLine(method);
      for (int step = 0; step < 3; step++) {
        Tensor view = images(BATCH, step);
        double want = line.step(() -> loss(line, view, smoothing), _ -> 0.05);
        Tensor labels = Tensor.of(LABELS, BATCH);
        assertEquals(want, trainer.step(step, List.of(view), labels), 1e-4);
        assertState(method, line);
      }
    }
  }

  @Test
  void smallPrint() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(0, CLASSES)) {
      assertEquals(1, method.viewCount());
      assertEquals(Math.log(3), method.collapseValue(), 1e-12);
      assertEquals(List.of("encoder", "classifier"), List.copyOf(method.networks().keySet()));
      Method.Pass pass = method.forward(List.of(images(BATCH, 0)), Tensor.of(LABELS, BATCH));
      assertSame(pass.features(), pass.embeddings());
    }
  }

  @Test
  void labelsAreNeeded() {
    for (int classes : new int[] {0, 1}) {
      IllegalArgumentException thrown =
          assertThrows(IllegalArgumentException.class, () -> create(0, classes));
      assertEquals(
          "[supervised] needs labels of at least two classes; got "
              + classes
              + "; choose labelled data or another method",
          thrown.getMessage());
    }
    try (TensorScope _ = TensorScope.open();
        Method method = create(0, CLASSES)) {
      Tensor unknown = Tensor.of(new int[] {0, 1, 2, -1, 0, 1}, BATCH);
      List<Tensor> view = List.of(images(BATCH, 0));
      assertThrows(IllegalArgumentException.class, () -> method.forward(view, unknown));
    }
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> new SupervisedConfig(1.5));
    assertEquals("[config] label_smoothing must be in [0, 1]; got 1.5", thrown.getMessage());
  }

  @Test
  void presets() {
    SupervisedFactory factory = new SupervisedFactory();
    assertEquals(new SupervisedConfig(0), factory.defaults(Preset.CIFAR));
    assertEquals(Recipe.sgd(0.2, 5e-4, 128, 100, 1), factory.recipe(Preset.CIFAR));
    assertEquals(Recipe.sgd(0.2, 5e-4, 128, 15, 1), factory.recipe(Preset.GREY));
    assertEquals(Views.supervised(), factory.views(Preset.CIFAR));
  }
}
