package example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.autograd.GradCheck;
import ibrik.autograd.Stepper;
import ibrik.autograd.Tape;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.backend.Backends;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SwishTest {
  private long before;

  @BeforeEach
  void countBytes() {
    before = Backends.of(Device.CPU).memory(0).liveBytes();
  }

  @AfterEach
  void nothingLeaked() {
    assertEquals(before, Backends.of(Device.CPU).memory(0).liveBytes(), "bytes leaked");
  }

  @Test
  void valuesAreThoseOfTheFormula() {
    try (TensorScope _ = TensorScope.open()) {
      double[] x = {-3, -0.5, 0, 1, 20};
      double[] want = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        want[i] = x[i] / (1 + Math.exp(-1.5 * x[i]));
      }
      assertArrayEquals(want, Swish.of(Tensor.of(x, x.length), 1.5).toDoubles(), 1e-12);
    }
  }

  @Test
  void gradientsAreRight() {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> x = List.of(Tensor.of(new double[] {-2, -0.3, 0, 0.4, 3}, 5));
      for (double beta : new double[] {0.5, 1, 2}) {
        GradCheck check = GradCheck.of(in -> Swish.of(in.getFirst(), beta));
        check.firstOrder(x, 1).orThrow();
        check.secondOrder(x, 1).orThrow();
      }
    }
  }

  @Test
  void theKernelAgreesWithTheComposition() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {-80, -3, -0.5f, 0, 1, 20, Float.NaN}, 7);
      float[] want = Swish.of(x, 1.5).toFloats();
      assertArrayEquals(want, FastSwish.of(x, 1.5).toFloats(), 1e-6f);
      // The gradient comes along.
      try (Tape.Run fast = Tape.record(() -> FastSwish.of(x, 1.5).sum());
          Tape.Run plain = Tape.record(() -> Swish.of(x, 1.5).sum())) {
        assertArrayEquals(
            plain.gradients(List.of(x)).getFirst().toFloats(),
            fast.gradients(List.of(x)).getFirst().toFloats(),
            1e-5f);
      }
    }
  }

  @Test
  void theKernelServesF32OnTheHostOnly() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor narrow = Tensor.of(new float[] {1, 2}, 2);
      FastSwish op = new FastSwish(new Swish(1));
      assertEquals(true, op.kernel(Device.CPU, List.of(narrow.spec())) != null);
      assertEquals(null, op.kernel(Device.REFERENCE, List.of(narrow.spec())));
      Tensor wide = Tensor.of(new double[] {1, 2}, 2);
      assertEquals(null, op.kernel(Device.CPU, List.of(wide.spec())));
      assertArrayEquals(
          Swish.of(wide, 1).toDoubles(), FastSwish.of(wide, 1).toDoubles(), 0, "composition");
    }
  }

  @Test
  void theTapeSeesOneOp() {
    List<String> lines = new ArrayList<>();
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {1, 2}, 2);
      Stepper.trace(lines::add, () -> Swish.of(x, 1));
      assertEquals(List.of("1  swish(f32[2]) -> f32[2]"), lines);
    }
  }

  @Test
  void wrongArgumentsAreToldLikeThoseOfAnyOp() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new int[] {1, 2}, 2);
      IllegalArgumentException thrown =
          assertThrows(IllegalArgumentException.class, () -> Swish.of(x, 1));
      assertEquals(
          "[swish] x must be floating point; got x: i32[2]; cast it with cast(DType.F32)",
          thrown.getMessage());
    }
  }
}
