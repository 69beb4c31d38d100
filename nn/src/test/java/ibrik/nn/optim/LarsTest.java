package ibrik.nn.optim;

import ibrik.nn.NoLeaks;
import ibrik.tensor.DType;
import ibrik.tensor.TensorScope;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Decay first, then the trust ratio, then momentum, the rate last; biases and norms take neither
/// decay nor ratio (Grill et al. 2020).
@ExtendWith(NoLeaks.class)
class LarsTest {
  private static final double MU = 0.9;
  private static final double ETA = 0.5;
  private static final double DECAY = 0.125;

  private static double norm(double[] x) {
    double squares = 0;
    for (double v : x) {
      squares += v * v;
    }
    return Math.sqrt(squares);
  }

  @ParameterizedTest
  @CsvSource({"F32,false,false", "F64,false,false", "F32,true,false", "F64,true,true"})
  void followsItsFormula(DType dtype, boolean clip, boolean decayAll) {
    double[][] w = Toy.start();
    double[][] m = Toy.zeros();
    try (Toy toy = new Toy(dtype);
        Lars lars =
            new Lars(toy.parameters, toy.lr, MU, ETA, clip, new WeightDecay(DECAY, decayAll))) {
      for (int step = 0; step < 5; step++) {
        double lr = toy.moveRate(step);
        try (TensorScope _ = TensorScope.open()) {
          lars.step(toy.gradients(step));
        }
        for (int p = 0; p < w.length; p++) {
          boolean adapt = p == 0;
          double[] g = new double[w[p].length];
          for (int i = 0; i < g.length; i++) {
            g[i] = Toy.gradient(step, p, i) + (adapt ? DECAY * w[p][i] : 0);
          }
          double ratio = ETA * norm(w[p]) / norm(g);
          double trust = !adapt ? 1 : clip ? Math.min(ratio / lr, 1) : ratio;
          for (int i = 0; i < g.length; i++) {
            m[p][i] = MU * m[p][i] + trust * g[i];
            w[p][i] -= lr * m[p][i];
          }
        }
        toy.check(w, "after step " + step);
      }
    }
  }
}
