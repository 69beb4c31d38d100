package ibrik.nn.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.autograd.Tape;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.backend.Backends;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DoReFaTest {
  private static final float[] W = {-1.2f, -.3f, .05f, .6f, 2};

  @AfterEach
  void nothingLeaks() {
    assertEquals(0, Backends.of(Device.CPU).memory(0).liveBytes(), "live tensor bytes");
  }

  private static double[] weights(int bits) {
    try (TensorScope _ = TensorScope.open()) {
      return DoReFa.weights(Tensor.of(W), bits).toDoubles();
    }
  }

  @Test
  void weightsWorkedOutByHand() {
    assertArrayEquals(new double[] {-1, -1 / 3.0, 1 / 3.0, 1 / 3.0, 1}, weights(2), 1e-6);
    assertArrayEquals(new double[] {-1, -.428571, .142857, .428571, 1}, weights(3), 1e-6);
    assertArrayEquals(new double[] {-.83, -.83, .83, .83, .83}, weights(1), 1e-6);
  }

  /// Whatever the bits, the largest weight lands on 1 exactly and clipping keeps both ends.
  @Test
  void endsAreExact() {
    try (TensorScope _ = TensorScope.open()) {
      for (int bits = 2; bits <= 8; bits++) {
        assertEquals(1, DoReFa.weights(Tensor.of(W), bits).toDoubles()[4]);
        double[] x = DoReFa.activations(Tensor.of(new float[] {-3, 0, 1, 7}), bits).toDoubles();
        assertArrayEquals(new double[] {0, 0, 1, 1}, x);
      }
    }
  }

  /// Through tanh and the maximum as if nothing were rounded.
  @Test
  void gradientsPassTheRounding() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor w = Tensor.of(W);
      Tensor weight = Tensor.of(new float[] {1, -2, 3, .5f, -1});
      for (int bits : new int[] {1, 2, 4}) {
        try (Tape.Run run = Tape.record(() -> DoReFa.weights(w, bits).mul(weight).sum());
            Tape.Run smooth =
                Tape.record(
                    () -> {
                      Tensor t = w.tanh();
                      Tensor unit = bits == 1 ? w : t.div(t.abs().max());
                      return unit.mul(weight).sum();
                    })) {
          assertArrayEquals(
              smooth.gradients(List.of(w)).getFirst().toDoubles(),
              run.gradients(List.of(w)).getFirst().toDoubles(),
              1e-6);
        }
      }
    }
  }

  @Test
  void wrongBitsSaySo() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor w = Tensor.of(W);
      for (int bits : new int[] {0, 9}) {
        assertEquals(
            "[dorefa] bits must be in 1 ... 8; got " + bits,
            assertThrows(IllegalArgumentException.class, () -> DoReFa.weights(w, bits))
                .getMessage());
      }
    }
  }
}
