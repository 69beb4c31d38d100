package ibrik.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.backend.Backends;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NanGuardTest {
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
  void namesTheFirstOpThatMadeOne() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {1, 0, 2}, 3);
      NonFiniteException thrown =
          assertThrows(
              NonFiniteException.class, () -> NanGuard.watch(() -> x.add(0).log().mul(0).sum()));
      assertEquals("log", thrown.op());
      assertEquals(2, thrown.ordinal());
      assertEquals(
          "[log] made a NaN or infinity (op number 2); its inputs: offset f32[3] (finite)",
          thrown.getMessage());
    }
  }

  @Test
  void findsNanAndBothInfinities() {
    try (TensorScope _ = TensorScope.open()) {
      for (double bad :
          new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
        Tensor x = Tensor.of(new double[] {1, 2, bad, 3}, 4);
        NonFiniteException thrown =
            assertThrows(NonFiniteException.class, () -> NanGuard.watch(() -> x.mul(2)));
        assertEquals("scale", thrown.op());
        assertTrue(
            thrown.getMessage().endsWith("f64[4] (already not finite)"), thrown.getMessage());
      }
    }
  }

  @Test
  void finiteNumbersPassUntouched() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Tensor.of(new double[] {1, Double.MAX_VALUE, -1e300, 4}, 4);
      long held = scope.liveBytes();
      Tensor y = NanGuard.watch(() -> x.neg());
      assertArrayEquals(new double[] {-1, -Double.MAX_VALUE, 1e300, -4}, y.toDoubles());
      assertEquals(held + y.buffer().bytes(), scope.liveBytes());
    }
  }

  @Test
  void integersAndTruthValuesPass() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new double[] {1, Double.NaN}, 2);
      boolean[] finite = {true, false};
      Tensor isFinite = NanGuard.watch(() -> x.isFinite());
      for (int i = 0; i < finite.length; i++) {
        assertEquals(finite[i] ? 1 : 0, isFinite.toInts()[i]);
      }
    }
  }

  @Test
  void itsOwnOpsAreNotRecorded() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new double[] {1, 2}, 2);
      try (Tape.Run run = Tape.record(() -> NanGuard.watch(() -> x.square().sum()))) {
        assertEquals(2, run.nodes().size());
        assertArrayEquals(new double[] {2, 4}, run.gradients(List.of(x)).getFirst().toDoubles());
      }
      int recorded =
          NanGuard.watch(
              () -> {
                try (Tape.Run run = Tape.record(() -> x.square().sum())) {
                  return run.nodes().size();
                }
              });
      assertEquals(2, recorded);
    }
  }

  @Test
  void watchesGradientsToo() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new double[] {4, 0}, 2);
      // sqrt is finite at 0, its derivative is not.
      try (Tape.Run run = Tape.record(() -> x.sqrt().sum())) {
        NonFiniteException thrown =
            assertThrows(
                NonFiniteException.class, () -> NanGuard.watch(() -> run.gradients(List.of(x))));
        assertEquals("div", thrown.op());
      }
    }
  }
}
