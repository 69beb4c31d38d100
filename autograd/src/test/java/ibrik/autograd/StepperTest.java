package ibrik.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepperTest {
  @Test
  void tellsEachOpWithTypesAndShapes() {
    List<String> lines = new ArrayList<>();
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[6], 2, 3);
      Tensor w = Tensor.of(new float[12], 3, 4);
      Tensor labels = Tensor.of(new int[] {0, 3}, 2);
      double loss =
          Stepper.trace(lines::add, () -> x.matMul(w).softmaxCrossEntropy(labels).mean().item());
      assertEquals(Math.log(4), loss, 1e-6);
      x.add(1); // outside
    }
    assertEquals(
        List.of(
            "1  mat_mul(f32[2,3], f32[3,4]) -> f32[2,4]",
            "2  softmax_cross_entropy(f32[2,4], i32[2]) -> f32[2]",
            "3  mean(f32[2]) -> f32[]"),
        lines);
  }

  @Test
  void showsTheWayBack() {
    List<String> lines = new ArrayList<>();
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new double[] {1, 2}, 2);
      try (Tape.Run run = Tape.record(() -> x.square().sum())) {
        Stepper.trace(lines::add, () -> run.gradients(List.of(x)));
      }
    }
    assertEquals("1  fill() -> f64[]", lines.getFirst());
    assertEquals(
        List.of("mul", "scale"),
        lines.stream()
            .map(line -> line.replaceAll("^\\d+  (\\w+)\\(.*", "$1"))
            .filter(tag -> !tag.equals("fill"))
            .filter(tag -> !tag.equals("broadcast_to") && !tag.equals("reshape"))
            .toList());
  }

  @Test
  void severalOutputsAreAllTold() {
    List<String> lines = new ArrayList<>();
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new double[] {1, 2, 3}, 1, 3);
      Stepper.trace(lines::add, () -> x.topK(2));
    }
    assertEquals(List.of("1  top_k(f64[1,3]) -> f64[1,2], i32[1,2]"), lines);
  }
}
