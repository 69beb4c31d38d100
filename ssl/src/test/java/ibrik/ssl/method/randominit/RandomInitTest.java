package ibrik.ssl.method.randominit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.Methods;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.StraightLine;
import ibrik.ssl.method.supervised.SupervisedConfig;
import ibrik.ssl.method.supervised.SupervisedFactory;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RandomInitTest extends MethodTest {
  @Test
  void nothingIsTrained() {
    try (TensorScope _ = TensorScope.open();
        Method method = new RandomInitFactory().create(new RandomInitConfig(), setting(0, 6, 0))) {
      Method.Pass pass =
          method.forward(List.of(images(6, 0)), Tensor.of(new int[] {-1, 0, 0, 0, 0, 0}, 6));
      assertEquals(0, pass.loss().item());
      StraightLine line = new StraightLine(method);
      assertArrayEquals(
          line.encoder("encoder", images(6, 0)).toDoubles(), pass.features().toDoubles(), 1e-5);
      assertEquals(List.of(), method.groups());
      assertEquals(List.of(), method.trainable());
      assertEquals(0, method.collapseValue());
      assertEquals(1, method.viewCount());
    }
  }

  /// The floor is where the others start from.
  @Test
  void theEncoderIsTheOneThatOthersStartWith() {
    try (Method floor = new RandomInitFactory().create(new RandomInitConfig(), setting(0, 6, 0));
        Method other = new SupervisedFactory().create(new SupervisedConfig(0), setting(3, 6, 9))) {
      var theirs = snapshot(other);
      snapshot(floor)
          .forEach((name, numbers) -> assertArrayEquals(theirs.get(name), numbers, name));
    }
  }

  @Test
  void noEpochs() {
    assertEquals(0, new RandomInitFactory().recipe(Preset.GREY).epochs());
  }

  @Test
  void methodsByName() {
    assertEquals(List.of("byol", "simclr", "supervised", "random-init"), Methods.names());
    for (var factory : Methods.all()) {
      assertEquals(Optional.of(factory), Methods.find(factory.name()));
    }
    assertEquals(Optional.empty(), Methods.find("none"));
  }
}
