package example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ibrik.autograd.Tape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The example of the README.
class FirstStepsTest {
  @Test
  void linearRegression() {
    try (TensorScope _ = TensorScope.open();
        Variable w = Variable.of("w", Tensor.of(new float[] {0, 0}, 2, 1))) {
      Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
      Tensor y = Tensor.of(new float[] {5, 11, 17}, 3, 1); // x times (1, 2)
      for (int step = 0; step < 3000; step++) {
        try (TensorScope _ = TensorScope.open();
            Tape.Run run = Tape.record(() -> x.matMul(w.value()).sub(y).square().mean())) {
          Tensor gradient = run.gradientsOf(List.of(w)).getFirst();
          w.set(w.value().sub(gradient.mul(0.03)));
        }
      }
      System.out.println(w); // w = f32[2,1] [[1.0000], [2.0000]]
      assertArrayEquals(new double[] {1, 2}, w.value().toDoubles(), 1e-3);
    }
  }
}
