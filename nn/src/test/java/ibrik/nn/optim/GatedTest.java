package ibrik.nn.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.nn.NoLeaks;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// [Gated] and [ClipEach].
@ExtendWith(NoLeaks.class)
class GatedTest {
  private static final WeightDecay DECAY = new WeightDecay(0.125, true);

  private static Map<String, double[]> numbers(Toy toy, Optimizer optimizer) {
    Map<String, double[]> all = new LinkedHashMap<>();
    toy.parameters.forEach(p -> all.put(p.name(), p.value().toDoubles()));
    optimizer.state().forEach((name, variable) -> all.put(name, variable.value().toDoubles()));
    return all;
  }

  private static void step(Optimizer optimizer, Toy toy, int step) {
    try (TensorScope _ = TensorScope.open()) {
      optimizer.step(toy.gradients(step));
    }
  }

  private static AdamW adam(Toy toy) {
    return new AdamW(toy.parameters, toy.lr, 0.9, 0.99, 1e-8, DECAY);
  }

  /// Held steps, with all their momentum and decay, are as if they had never been: bit for bit.
  @Test
  void heldStepsLeaveNothing() {
    try (Toy toy = new Toy(DType.F32);
        Toy other = new Toy(DType.F32);
        Variable gate = Variable.scalar("gate", 0, Device.CPU);
        Gated gated = new Gated(adam(toy), gate);
        AdamW plain = adam(other)) {
      toy.lr.set(0.25);
      other.lr.set(0.25);
      Map<String, double[]> start = numbers(toy, gated);
      step(gated, toy, 0);
      step(gated, toy, 1);
      numbers(toy, gated).forEach((name, value) -> assertArrayEquals(start.get(name), value, name));
      gate.set(1);
      for (int step = 2; step < 5; step++) {
        step(gated, toy, step);
        step(plain, other, step);
      }
      Map<String, double[]> want = numbers(other, plain);
      numbers(toy, gated).forEach((name, value) -> assertArrayEquals(want.get(name), value, name));
      assertEquals(toy.parameters, gated.parameters());
    }
  }

  /// Each parameter by its own length: the weight's gradient is longer than 1, the scale's is not.
  @Test
  void clipsEachParameterByItself() {
    double bound = 0.9;
    try (Toy toy = new Toy(DType.F64);
        ClipEach clip =
            new ClipEach(
                new Sgd(toy.parameters, toy.lr, 0, false, WeightDecay.weights(0)), bound)) {
      toy.lr.set(0.5);
      step(clip, toy, 0);
      double[][] w = Toy.start();
      int clipped = 0;
      for (int p = 0; p < w.length; p++) {
        double squares = 0;
        for (int i = 0; i < w[p].length; i++) {
          squares += Toy.gradient(0, p, i) * Toy.gradient(0, p, i);
        }
        double factor = Math.min(1, bound / (Math.sqrt(squares) + 1e-6));
        clipped += factor < 1 ? 1 : 0;
        for (int i = 0; i < w[p].length; i++) {
          w[p][i] -= 0.5 * factor * Toy.gradient(0, p, i);
        }
      }
      toy.check(w, "parameter");
      assertEquals(2, clipped, "some are clipped, some are not");
      assertEquals(3, clip.state().size());
    }
  }

  @Test
  void theBoundMustBePositive() {
    try (Toy toy = new Toy(DType.F64);
        Sgd sgd = new Sgd(toy.parameters, toy.lr, 0, false, WeightDecay.weights(0))) {
      for (double bound : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
        assertEquals(
            "[clip_each] norm must be a number above 0; got " + bound,
            assertThrows(IllegalArgumentException.class, () -> new ClipEach(sgd, bound))
                .getMessage());
      }
    }
  }
}
