package ibrik.nn.quant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.autograd.Tape;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.op.QuantGrid;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LsqTest {
  private static final QuantGrid GRID = QuantGrid.signed(3).dividing();

  @AfterEach
  void nothingLeaks() {
    assertEquals(0, Backends.of(Device.CPU).memory(0).liveBytes(), "live tensor bytes");
  }

  /// Six weights, bounds -4 and 3: the start of the scale, and its gradient at one half.
  @Test
  void workedOutByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {-2.2f, -.9f, -.1f, .3f, .74f, 1.9f});
      assertEquals(1.18164355, Lsq.initialScale(x, GRID).item(), 1e-6);
      double factor = Lsq.gradientFactor(x.elems(), GRID);
      assertEquals(.23570226, factor, 1e-8);
      Tensor scale = Tensor.scalar(.5f);
      try (Tape.Run run = Tape.record(() -> x.lsqQuantize(scale, GRID, 0, factor).sum())) {
        assertEquals(-.25455844, run.gradients(List.of(scale)).getFirst().item(), 1e-6);
      }
    }
  }

  @Test
  void noElementsHaveNoFactor() {
    assertEquals(
        "[lsq] count must be positive; got 0",
        assertThrows(IllegalArgumentException.class, () -> Lsq.gradientFactor(0, GRID))
            .getMessage());
  }
}
