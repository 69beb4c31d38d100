package ibrik.nn.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.nn.NoLeaks;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
class ScheduledDecayTest {
  private static final double DECAY = 0.125;

  private static AdamW adam(Toy toy, double decay, boolean everything) {
    return new AdamW(toy.parameters, toy.lr, 0.9, 0.99, 1e-3, new WeightDecay(decay, everything));
  }

  private static double[][] numbers(Toy toy) {
    return toy.parameters.stream().map(p -> p.value().toDoubles()).toArray(double[][]::new);
  }

  /// A growth of 1 is AdamW's own decay; any other growth is AdamW with so much more of it.
  @ParameterizedTest
  @CsvSource({"F32,false", "F64,false", "F64,true"})
  void isTheDecayOfAdamWTimesTheGrowth(DType dtype, boolean everything) {
    double[] growths = {1, 1, 2, 5, 0};
    try (Toy toy = new Toy(dtype);
        Variable growth = Variable.scalar("growth", 1, Device.CPU);
        ScheduledDecay scheduled =
            new ScheduledDecay(
                adam(toy, 0, false), new WeightDecay(DECAY, everything), growth, toy.lr)) {
      for (int step = 0; step < growths.length; step++) {
        double lr = toy.moveRate(step);
        growth.set(growths[step]);
        double[][] before = numbers(toy);
        double[][] plain = plain(dtype, step);
        try (TensorScope _ = TensorScope.open()) {
          scheduled.step(toy.gradients(step));
        }
        // The step without decay, from where the parameters lay, less what decays.
        double[][] want = Toy.start();
        for (int p = 0; p < want.length; p++) {
          for (int i = 0; i < want[p].length; i++) {
            double decay = everything || p == 0 ? DECAY * growths[step] : 0;
            want[p][i] = before[p][i] * (1 - lr * decay) + plain[p][i];
          }
        }
        toy.check(want, "after step " + step);
      }
    }
  }

  /// What AdamW without decay adds in step `step`: it does not depend on the parameters.
  private static double[][] plain(DType dtype, int step) {
    try (Toy toy = new Toy(dtype);
        AdamW adam = adam(toy, 0, false)) {
      double[][] before = {};
      for (int s = 0; s <= step; s++) {
        toy.moveRate(s);
        before = numbers(toy);
        try (TensorScope _ = TensorScope.open()) {
          adam.step(toy.gradients(s));
        }
      }
      double[][] after = numbers(toy);
      for (int p = 0; p < after.length; p++) {
        for (int i = 0; i < after[p].length; i++) {
          after[p][i] -= before[p][i];
        }
      }
      return after;
    }
  }

  @Test
  void keepsTheStateOfTheOther() {
    try (Toy toy = new Toy(DType.F32);
        Variable growth = Variable.scalar("growth", 1, Device.CPU);
        AdamW adam = adam(toy, 0, false);
        ScheduledDecay scheduled =
            new ScheduledDecay(adam, new WeightDecay(DECAY, false), growth, toy.lr)) {
      assertEquals(adam.state(), scheduled.state());
      assertEquals(adam.parameters(), scheduled.parameters());
    }
  }
}
