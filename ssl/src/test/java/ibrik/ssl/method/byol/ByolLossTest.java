package ibrik.ssl.method.byol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.GradCheck;
import ibrik.autograd.Tape;
import ibrik.ssl.method.MethodTest;
import ibrik.tensor.Device;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;

class ByolLossTest extends MethodTest {
  /// Row 0: cosine of (3, 4) and (4, 3) is 24/25. Row 1: (1, 0) and (0, 2) are orthogonal. Row 2:
  /// opposite. Losses 2/25, 2, 4.
  @Test
  void byHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor p = Tensor.of(new double[] {3, 4, 1, 0, -2, 2}, 3, 2);
      Tensor z = Tensor.of(new double[] {4, 3, 0, 2, 1, -1}, 3, 2);
      assertEquals((0.08 + 2 + 4) / 3, ByolLoss.of(p, z).item(), 1e-12);
    }
  }

  /// `(2 / B |p|) (a (a.b) - b)` for each row: with a = (0.6, 0.8), b = (0.8, 0.6) it is `2 / 5 *
  /// (0.576 - 0.8, 0.768 - 0.6)`; with a = (1, 0), b = (0, 1), |p| = 2 it is (0, -1).
  @Test
  void gradientByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor p = Tensor.of(new double[] {3, 4, 2, 0}, 2, 2);
      Tensor z = Tensor.of(new double[] {4, 3, 0, 7}, 2, 2);
      try (Tape.Run run = Tape.record(() -> ByolLoss.of(p, z))) {
        List<Tensor> gradients = run.gradients(List.of(p, z));
        assertArrayEquals(
            new double[] {-0.0448, 0.0336, 0, -0.5}, gradients.get(0).toDoubles(), 1e-12);
        assertArrayEquals(new double[4], gradients.get(1).toDoubles(), "the target is a constant");
      }
    }
  }

  @Test
  void gradientCheck() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor p1 = normal64(0, 5, 3);
      Tensor p2 = normal64(1, 5, 3);
      Tensor z1 = normal64(2, 5, 3);
      Tensor z2 = normal64(3, 5, 3);
      for (long seed : new long[] {1, 2}) {
        GradCheck.of(p -> ByolLoss.symmetric(p.get(0), p.get(1), z1, z2))
            .on(Device.CPU)
            .firstOrder(List.of(p1, p2), seed)
            .orThrow();
      }
    }
  }

  @Test
  void bothDirectionsAreSummedAndViewsMayBeSwapped() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor p1 = normal64(0, 6, 4);
      Tensor p2 = normal64(1, 6, 4);
      Tensor z1 = normal64(2, 6, 4);
      Tensor z2 = normal64(3, 6, 4);
      double both = ByolLoss.symmetric(p1, p2, z1, z2).item();
      double first = cosine(p1, z2);
      double second = cosine(p2, z1);
      assertEquals(4 - 2 * first - 2 * second, both, 1e-12);
      assertEquals(both, ByolLoss.symmetric(p2, p1, z2, z1).item(), 1e-12);
    }
  }

  /// Mean cosine of rows, straight from the definition.
  private static double cosine(Tensor a, Tensor b) {
    double[] x = a.toDoubles();
    double[] y = b.toDoubles();
    int width = (int) a.dim(1);
    double total = 0;
    for (int i = 0; i < x.length; i += width) {
      double dot = 0;
      double xx = 0;
      double yy = 0;
      for (int j = i; j < i + width; j++) {
        dot += x[j] * y[j];
        xx += x[j] * x[j];
        yy += y[j] * y[j];
      }
      total += dot / Math.sqrt(xx * yy);
    }
    return total * width / x.length;
  }

  @Test
  void scaleAndOrderDoNotMatter() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor p = normal64(0, 4, 3);
      Tensor z = normal64(1, 4, 3);
      double loss = ByolLoss.of(p, z).item();
      assertEquals(loss, ByolLoss.of(p.mul(1e-3), z.mul(50)).item(), 1e-12);
      assertEquals(loss, ByolLoss.of(turned(p), turned(z)).item(), 1e-12);
      assertTrue(Math.abs(loss - ByolLoss.of(p, turned(z)).item()) > 1e-3);
    }
  }

  private static Tensor turned(Tensor x) {
    return LayoutOps.concat(0, List.of(x.narrow(0, 1, x.dim(0) - 1), x.narrow(0, 0, 1)));
  }

  @Test
  void collapseIsZeroAndOppositesAreFour() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor same = Tensor.of(new double[] {1, -2, 3, 1, -2, 3}, 2, 3);
      assertEquals(0, ByolLoss.symmetric(same, same, same, same).item(), 1e-12);
      assertEquals(4, ByolLoss.of(same, same.neg()).item(), 1e-12);
    }
  }

  /// The guard keeps a row of zeros finite: its loss is 2.
  @Test
  void zerosAreFinite() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor zero = Tensor.of(new double[] {0, 0}, 1, 2);
      Tensor z = Tensor.of(new double[] {1, 1}, 1, 2);
      try (Tape.Run run = Tape.record(() -> ByolLoss.of(zero, z))) {
        assertEquals(2, run.value().item(), 1e-12);
        for (double g : run.gradients(List.of(zero)).getFirst().toDoubles()) {
          assertTrue(Double.isFinite(g));
        }
      }
    }
  }

  @Test
  void shapesMustBeOne() {
    try (TensorScope _ = TensorScope.open()) {
      IllegalArgumentException thrown =
          assertThrows(
              IllegalArgumentException.class,
              () -> ByolLoss.of(normal64(0, 2, 3), normal64(1, 1, 3)));
      assertEquals(
          "[byol_loss] prediction and target must have one shape [B, D]; got prediction: f64[2,3],"
              + " target: f64[1,3]",
          thrown.getMessage());
      assertThrows(
          IllegalArgumentException.class, () -> ByolLoss.of(normal64(0, 3), normal64(1, 3)));
    }
  }
}
