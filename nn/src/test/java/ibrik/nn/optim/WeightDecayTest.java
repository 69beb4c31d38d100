package ibrik.nn.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.nn.Parameter.Role;
import org.junit.jupiter.api.Test;

class WeightDecayTest {
  @Test
  void weightsAloneOrEverything() {
    for (Role role : Role.values()) {
      assertEquals(role == Role.WEIGHT ? 0.5 : 0, WeightDecay.weights(0.5).of(role));
      assertEquals(0.5, new WeightDecay(0.5, true).of(role));
    }
  }

  @Test
  void isANumberOfAtLeastZero() {
    for (double amount : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertEquals(
          "[weight_decay] must be a number of at least 0; got " + amount,
          assertThrows(IllegalArgumentException.class, () -> WeightDecay.weights(amount))
              .getMessage());
    }
  }
}
