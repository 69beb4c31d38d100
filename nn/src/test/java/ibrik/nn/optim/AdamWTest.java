package ibrik.nn.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.nn.NoLeaks;
import ibrik.tensor.DType;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
class AdamWTest {
  private static final double B1 = 0.9;
  private static final double B2 = 0.99;
  private static final double EPS = 1e-3;
  private static final double DECAY = 0.125;

  private static AdamW adam(Toy toy, boolean decayAll) {
    return new AdamW(toy.parameters, toy.lr, B1, B2, EPS, new WeightDecay(DECAY, decayAll));
  }

  @ParameterizedTest
  @CsvSource({"F32,false", "F64,false", "F64,true"})
  void followsItsFormula(DType dtype, boolean decayAll) {
    double[][] w = Toy.start();
    double[][] m = Toy.zeros();
    double[][] v = Toy.zeros();
    try (Toy toy = new Toy(dtype);
        AdamW adam = adam(toy, decayAll)) {
      for (int step = 0; step < 5; step++) {
        double lr = toy.moveRate(step);
        try (TensorScope _ = TensorScope.open()) {
          adam.step(toy.gradients(step));
        }
        int t = step + 1;
        for (int p = 0; p < w.length; p++) {
          for (int i = 0; i < w[p].length; i++) {
            double g = Toy.gradient(step, p, i);
            m[p][i] = B1 * m[p][i] + (1 - B1) * g;
            v[p][i] = B2 * v[p][i] + (1 - B2) * g * g;
            double first = m[p][i] / (1 - Math.pow(B1, t));
            double second = v[p][i] / (1 - Math.pow(B2, t));
            double decay = decayAll || p == 0 ? DECAY * w[p][i] : 0;
            w[p][i] -= lr * (first / (Math.sqrt(second) + EPS) + decay);
          }
        }
        toy.check(w, "after step " + step);
      }
    }
  }

  @Test
  void aRefusedStepDoesNotCount() {
    try (TensorScope _ = TensorScope.open();
        Toy toy = new Toy(DType.F32);
        AdamW adam = adam(toy, false)) {
      Variable count = adam.state().get("adam_step");
      assertThrows(IllegalArgumentException.class, () -> adam.step(List.of()));
      assertEquals(0, count.value().item());
      adam.step(toy.gradients(0));
      assertEquals(1, count.value().item());
    }
  }

  @Test
  void aCheckpointHoldsBothMomentsAndTheStep() {
    try (Toy toy = new Toy(DType.F32);
        AdamW adam = adam(toy, false)) {
      assertEquals(
          List.of(
              "first_moment.p0",
              "first_moment.p1",
              "first_moment.p2",
              "second_moment.p0",
              "second_moment.p1",
              "second_moment.p2",
              "adam_step"),
          List.copyOf(adam.state().keySet()));
    }
  }
}
