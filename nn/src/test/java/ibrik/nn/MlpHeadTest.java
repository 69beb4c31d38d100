package ibrik.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.autograd.Tape;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class MlpHeadTest {
  private static List<String> names(Module head) {
    return head.parameters().stream().map(Parameter::name).toList();
  }

  @Test
  void byolHasABiasInTheHiddenLayerOnly() {
    try (TensorScope _ = TensorScope.open();
        MlpHead head = new MlpHead(Build.cpu(1), 5, 7, 3)) {
      assertEquals(
          List.of(
              "layers.0.weight",
              "layers.0.bias",
              "layers.1.gamma",
              "layers.1.beta",
              "layers.3.weight"),
          names(head));
      assertEquals(5 * 7 + 7 + 2 * 7 + 7 * 3, head.parameterCount());
      assertEquals(Shape.of(2, 3), head.forward(Tensor.of(new float[10], 2, 5)).shape());
    }
  }

  /// In eval mode, too, nothing is left out.
  @Test
  void aHiddenNormAndItsReluAreOneOp() {
    try (TensorScope _ = TensorScope.open();
        MlpHead head = new MlpHead(Build.cpu(1), 5, 7, 3)) {
      Tensor x = Tensor.of(new float[] {1, 2, -3, 4, -5, 6, 7, -8, 9, 1}, 2, 5);
      assertEquals(List.of("mat_mul", "add", "batch_norm_relu", "mat_mul"), tags(head, x));
      head.eval();
      assertEquals(
          List.of("mat_mul", "add", "batch_norm_inference", "relu", "mat_mul"), tags(head, x));
    }
  }

  private static List<String> tags(Module head, Tensor x) {
    try (Tape.Run run = Tape.record(() -> head.forward(x))) {
      return run.nodes().stream().map(node -> node.op().tag()).toList();
    }
  }

  @Test
  void simclrHasNoBiasesAndEndsInAScaledNorm() {
    try (MlpHead head = new MlpHead(Build.cpu(1), 5, MlpHead.Config.simclr(7, 3))) {
      assertEquals(
          List.of(
              "layers.0.weight",
              "layers.1.gamma",
              "layers.1.beta",
              "layers.3.weight",
              "layers.4.gamma"),
          names(head));
    }
  }

  @Test
  void withoutHiddenLayersItIsLinear() {
    MlpHead.Config config = new MlpHead.Config(List.of(), 2, true, true, true, null);
    try (TensorScope _ = TensorScope.open();
        MlpHead head = new MlpHead(Build.cpu(1), 2, config);
        Linear linear = new Linear(Build.cpu(1).child("layers").child("0"), 2, 2, true)) {
      assertEquals(List.of("layers.0.weight", "layers.0.bias"), names(head));
      Tensor x = Tensor.of(new float[] {1, -2}, 1, 2);
      assertArrayEquals(linear.forward(x).toFloats(), head.forward(x).toFloats());
    }
  }

  @Test
  void aHiddenLayerCanDoWithoutNorm() {
    MlpHead.Config config = new MlpHead.Config(List.of(4, 3), 2, true, false, true, null);
    try (MlpHead head = new MlpHead(Build.cpu(1), 2, config)) {
      assertEquals((2 * 4 + 4) + (4 * 3 + 3) + (3 * 2 + 2), head.parameterCount());
    }
  }
}
