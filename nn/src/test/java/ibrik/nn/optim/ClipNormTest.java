package ibrik.nn.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.nn.NoLeaks;
import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ClipNormTest {
  /// Where plain descent at rate 1 ends for gradients (3, 4), (12) over all, of length 13.
  private static void moves(double bound, double... steps) {
    try (Toy toy = new Toy(DType.F64);
        Sgd sgd = new Sgd(toy.parameters, toy.lr, 0, false, WeightDecay.weights(0));
        ClipNorm clip = new ClipNorm(sgd, bound);
        TensorScope _ = TensorScope.open()) {
      toy.lr.set(1);
      clip.step(
          List.of(
              Tensor.of(new double[] {3, 0, 0}, 3),
              Tensor.of(new double[] {4, 0}, 2),
              Tensor.of(new double[] {12}, 1)));
      double[][] w = Toy.start();
      for (int p = 0; p < w.length; p++) {
        w[p][0] -= steps[p];
        assertArrayEquals(w[p], toy.parameters.get(p).value().toDoubles(), 1e-12);
      }
      assertEquals(sgd.parameters(), clip.parameters());
      assertEquals(sgd.state(), clip.state());
    }
  }

  @Test
  void longGradientsAreShortenedTogether() {
    moves(6.5, 1.5, 2, 6);
  }

  @Test
  void shortOnesStay() {
    moves(13.5, 3, 4, 12);
    moves(1e9, 3, 4, 12);
  }

  @Test
  void aGradientOfZerosStaysZero() {
    try (Toy toy = new Toy(DType.F32);
        ClipNorm clip =
            new ClipNorm(new Sgd(toy.parameters, toy.lr, 0, false, WeightDecay.weights(0)), 1);
        TensorScope _ = TensorScope.open()) {
      toy.lr.set(1);
      clip.step(toy.gradients(0).stream().map(g -> g.mul(0)).toList());
      double[][] w = Toy.start();
      for (int p = 0; p < w.length; p++) {
        assertArrayEquals(w[p], toy.parameters.get(p).value().toDoubles());
      }
    }
  }

  @Test
  void nothingToTrain() {
    try (Toy toy = new Toy(DType.F32);
        ClipNorm clip =
            new ClipNorm(new Sgd(List.of(), toy.lr, 0, false, WeightDecay.weights(0)), 1)) {
      clip.step(List.of());
    }
  }

  @Test
  void theBoundIsChecked() {
    for (double bound : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      IllegalArgumentException thrown =
          assertThrows(IllegalArgumentException.class, () -> new ClipNorm(null, bound));
      assertEquals("[clip_norm] bound must be a number above 0; got " + bound, thrown.getMessage());
    }
  }
}
