package ibrik.nn.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.nn.NoLeaks;
import ibrik.tensor.DType;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
class SgdTest {
  private static final double MU = 0.9;
  private static final double DECAY = 0.125;

  @ParameterizedTest
  @CsvSource({"F32,false,false", "F64,false,false", "F32,true,true", "F64,true,true"})
  void followsItsFormula(DType dtype, boolean nesterov, boolean decayAll) {
    double[][] w = Toy.start();
    double[][] m = Toy.zeros();
    try (Toy toy = new Toy(dtype);
        Sgd sgd = new Sgd(toy.parameters, toy.lr, MU, nesterov, new WeightDecay(DECAY, decayAll))) {
      for (int step = 0; step < 5; step++) {
        double lr = toy.moveRate(step);
        try (TensorScope _ = TensorScope.open()) {
          sgd.step(toy.gradients(step));
        }
        for (int p = 0; p < w.length; p++) {
          for (int i = 0; i < w[p].length; i++) {
            double g = Toy.gradient(step, p, i) + (decayAll || p == 0 ? DECAY * w[p][i] : 0);
            m[p][i] = MU * m[p][i] + g;
            w[p][i] -= lr * (nesterov ? g + MU * m[p][i] : m[p][i]);
          }
        }
        toy.check(w, "after step " + step);
      }
    }
  }

  @Test
  void aCheckpointHoldsOneMomentPerParameter() {
    try (Toy toy = new Toy(DType.F32);
        Sgd sgd = new Sgd(toy.parameters, toy.lr, MU, false, WeightDecay.weights(0))) {
      assertEquals(
          List.of("momentum.p0", "momentum.p1", "momentum.p2"), List.copyOf(sgd.state().keySet()));
      assertEquals("f32[3]", sgd.state().values().iterator().next().spec().toString());
    }
  }

  @Test
  void saysWhatIsWrong() {
    try (TensorScope _ = TensorScope.open();
        Toy toy = new Toy(DType.F32);
        Sgd sgd = new Sgd(toy.parameters, toy.lr, MU, false, WeightDecay.weights(0))) {
      assertEquals(
          "[optimizer] needs one gradient per parameter; got 2 for 3",
          assertThrows(
                  IllegalArgumentException.class, () -> sgd.step(toy.gradients(0).subList(0, 2)))
              .getMessage());
      assertEquals(
          "[optimizer] parameter names must differ; got p0 twice; build each module with"
              + " build.child(...)",
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      new Sgd(
                          List.of(toy.parameters.get(0), toy.parameters.get(0)),
                          toy.lr,
                          MU,
                          false,
                          WeightDecay.weights(0)))
              .getMessage());
      assertEquals(
          "[sgd] momentum must be in [0, 1); got 1.0",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> new Sgd(toy.parameters, toy.lr, 1, false, WeightDecay.weights(0)))
              .getMessage());
    }
  }
}
