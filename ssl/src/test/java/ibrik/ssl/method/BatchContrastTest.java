package ibrik.ssl.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.autograd.Tape;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchContrastTest extends MethodTest {
  /// q = (1, 0), (0, 2); k = (3, 0), (0, 1): own cosine 1, other 0: `ln(1 + e^(-1/t))` each.
  @Test
  void byHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor q = Tensor.of(new double[] {1, 0, 0, 2}, 2, 2);
      Tensor k = Tensor.of(new double[] {3, 0, 0, 1}, 2, 2);
      assertEquals(Math.log(1 + Math.exp(-2)), BatchContrast.of(q, k, 0.5).item(), 1e-12);
      assertEquals(
          Math.log(1 + Math.exp(2)),
          BatchContrast.of(
                  q, LayoutOps.concat(0, List.of(k.narrow(0, 1, 1), k.narrow(0, 0, 1))), 0.5)
              .item(),
          1e-12);
    }
  }

  /// With p the chance of the wrong key, `dL/dn(q_1) = (p / 2t) (n(k_2) - n(k_1))`; its part along
  /// q_1 falls away and the rest is divided by |q_1|.
  @Test
  void gradientByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor q = Tensor.of(new double[] {1, 0, 0, 2}, 2, 2);
      Tensor k = Tensor.of(new double[] {3, 0, 0, 1}, 2, 2);
      double p = 1 / (1 + Math.exp(2));
      try (Tape.Run run = Tape.record(() -> BatchContrast.of(q, k, 0.5))) {
        assertArrayEquals(
            new double[] {0, p, p / 2, 0}, run.gradients(List.of(q)).getFirst().toDoubles(), 1e-12);
      }
    }
  }

  @Test
  void gradientCheck() {
    try (TensorScope _ = TensorScope.open()) {
      gradientCheck(
          in -> BatchContrast.of(in.get(0), in.get(1), 0.3), normal64(0, 4, 3), normal64(1, 4, 3));
      gradientCheck(
          in -> BatchContrast.of(in.get(0), in.get(1), 0.3), normal64(0, 6, 3), normal64(1, 2, 3));
    }
  }

  @Test
  void equalsTheStraightLineWhateverTheOrderAndTheLength() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor q = normal64(0, 5, 4);
      Tensor k = normal64(1, 5, 4);
      double loss = BatchContrast.of(q, k, 0.2).item();
      assertEquals(StraightLine.diagonal(q, k, 0.2).item(), loss, 1e-12);
      assertEquals(loss, BatchContrast.of(reversed(q), reversed(k), 0.2).item(), 1e-12);
      assertEquals(loss, BatchContrast.of(q.mul(7), k.mul(0.1), 0.2).item(), 1e-12);
    }
  }

  /// Several queries of one image: the mean over the groups.
  @Test
  void groupsOfQueriesAreAveraged() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor q1 = normal64(0, 5, 4);
      Tensor q2 = normal64(1, 5, 4);
      Tensor k = normal64(2, 5, 4);
      double both = BatchContrast.of(LayoutOps.concat(0, List.of(q1, q2)), k, 0.2).item();
      double one = BatchContrast.of(q1, k, 0.2).item();
      double other = BatchContrast.of(q2, k, 0.2).item();
      assertEquals((one + other) / 2, both, 1e-12);
    }
  }

  @Test
  void collapseIsTheLogarithmOfTheBatch() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor same = normal64(0, 1, 4);
      Tensor all = LayoutOps.concat(0, List.of(same, same, same, same, same));
      assertEquals(Math.log(5), BatchContrast.of(all, all, 0.2).item(), 1e-12);
    }
  }

  @Test
  void shapesMustFit() {
    try (TensorScope _ = TensorScope.open()) {
      refuses(
          "[batch_contrast] q must be [mB, D] and k [B, D]; got q: f64[5,3], k: f64[2,3]",
          () -> BatchContrast.of(normal64(0, 5, 3), normal64(1, 2, 3), 1));
      refuses(
          "[batch_contrast] q must be [mB, D] and k [B, D]; got q: f64[2,3], k: f64[2,4]",
          () -> BatchContrast.of(normal64(0, 2, 3), normal64(1, 2, 4), 1));
    }
  }
}
