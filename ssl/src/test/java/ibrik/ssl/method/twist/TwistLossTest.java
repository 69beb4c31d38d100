package ibrik.ssl.method.twist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.GradCheck;
import ibrik.autograd.Tape;
import ibrik.ssl.method.MethodTest;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;

/// [TwistLoss] and [SelfLabels].
class TwistLossTest extends MethodTest {
  /// Two images, two classes, equal views (9/10, 1/10) and (1/10, 9/10): no divergence, the entropy
  /// of each is that of 9/10, the mean is even.
  @Test
  void byHand() {
    try (TensorScope _ = TensorScope.open()) {
      double ln9 = Math.log(9);
      Tensor x = Tensor.of(new double[] {ln9, 0, 0, ln9}, 2, 2);
      double each = -(0.9 * Math.log(0.9 + 1e-5) + 0.1 * Math.log(0.1 + 1e-5));
      double mean = -Math.log(0.5 + 1e-5);
      assertEquals(0.4 * each - 1.5 * mean, TwistLoss.of(List.of(x, x), 0.4, 1.5).item(), 1e-12);
    }
  }

  /// Only divergence: views (3/4, 1/4) and (1/4, 3/4) differ by `1/2 ln 3` in both directions.
  @Test
  void divergenceByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = Tensor.of(new double[] {Math.log(3), 0}, 1, 2);
      Tensor b = Tensor.of(new double[] {0, Math.log(3)}, 1, 2);
      double log = Math.log((0.75 + 1e-5) / (0.25 + 1e-5));
      assertEquals(0.5 * log, TwistLoss.of(List.of(a, b), 0, 0).item(), 1e-12);
    }
  }

  /// Numbers of a separate program.
  @Test
  void fixture() {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> x = List.of(waves(0.1, 4, 3), waves(1.1, 4, 3), waves(2.1, 4, 3));
      try (Tape.Run run = Tape.record(() -> TwistLoss.of(x, 0.4, 1.5))) {
        assertEquals(-1.0080687402967377, run.value().item(), 1e-12);
        List<Tensor> g = run.gradients(x);
        assertEquals(-0.05502699518267207, g.get(0).toDoubles()[0], 1e-8);
        assertEquals(-0.005279459647233864, g.get(1).toDoubles()[7], 1e-8);
        assertEquals(-0.03863010589189031, g.get(2).toDoubles()[11], 1e-8);
      }
    }
  }

  @Test
  void gradientCheck() {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> x = List.of(normal64(0, 4, 3), normal64(1, 4, 3), normal64(2, 4, 3));
      for (long seed : new long[] {1, 2}) {
        GradCheck check = GradCheck.of(v -> TwistLoss.of(v, 1, 1)).on(Device.CPU);
        check.firstOrder(x, seed).orThrow();
        check.secondOrder(x, seed).orThrow();
      }
    }
  }

  @Test
  void whatDoesNotMatter() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = normal64(0, 4, 3);
      Tensor b = normal64(1, 4, 3);
      Tensor c = normal64(2, 4, 3);
      double loss = TwistLoss.of(List.of(a, b, c), 1, 1).item();
      assertEquals(loss, TwistLoss.of(List.of(b, a, c), 1, 1).item(), 1e-12);
      List<Tensor> rolled = List.of(rolled(a), rolled(b), rolled(c));
      assertEquals(loss, TwistLoss.of(rolled, 1, 1).item(), 1e-12);
      assertTrue(Math.abs(loss - TwistLoss.of(List.of(rolled(a), b, c), 1, 1).item()) > 1e-3);
      assertEquals(loss, TwistLoss.of(List.of(a.add(3), b, c), 1, 1).item(), 1e-12);
    }
  }

  /// A constant output costs `(sharpness - diversity) H`; sharp and different classes cost `-ln B`,
  /// the least there is.
  @Test
  void collapseAndBest() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor flat = Tensor.of(new double[12], 3, 4);
      double ln = -Math.log(0.25 + 1e-5);
      assertEquals(0, TwistLoss.of(List.of(flat, flat), 1, 1).item(), 1e-12);
      assertEquals(-0.5 * ln, TwistLoss.of(List.of(flat, flat), 0.5, 1).item(), 1e-12);
      Tensor sharp = Tensor.of(new double[] {60, 0, 0, 0, 0, 60, 0, 0, 0, 0, 60, 0}, 3, 4);
      assertEquals(-Math.log(3), TwistLoss.of(List.of(sharp, sharp), 1, 1).item(), 1e-4);
    }
  }

  @Test
  void shapesMustFit() {
    try (TensorScope _ = TensorScope.open()) {
      rejects(
          "[twist_loss] needs two views or more of one shape [B, C]; got [f64[2,3], f64[3,3]]",
          () -> TwistLoss.of(List.of(normal64(0, 2, 3), normal64(1, 3, 3)), 1, 1));
      rejects(
          "[twist_loss] needs two views or more of one shape [B, C]; got [f64[2,3]]",
          () -> TwistLoss.of(List.of(normal64(0, 2, 3)), 1, 1));
    }
  }

  /// Four images, two classes. Largest probabilities in either view: image 0 (view 1, class 0) 0.9,
  /// image 1 (view 2, class 1) 0.8, image 2 (view 1, class 1) 0.7, image 3 0.6. With two believed,
  /// images 0 and 1 are: image 0 teaches view 2, image 1 view 1, and both teach the third view.
  @Test
  void labelsByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x0 = logits(0.9, 0.45, 0.3, 0.6);
      Tensor x1 = logits(0.55, 0.2, 0.5, 0.5);
      Tensor x2 = logits(0.25, 0.35, 0.9, 0.1);
      Tensor rank = Tensor.of(new int[] {2}, 1);
      double strong = -(Math.log(0.55) + Math.log(1 - 0.45)) / 2;
      double local = -(Math.log(0.25) + Math.log(1 - 0.35)) / 2;
      try (Tape.Run run = Tape.record(() -> SelfLabels.of(List.of(x0, x1, x2), rank))) {
        assertEquals((strong + local) / 2, run.value().item(), 1e-12);
        List<Tensor> g = run.gradients(List.of(x0, x1, x2));
        double[] weak = g.get(0).toDoubles();
        assertArrayEquals(new double[] {0, 0}, new double[] {weak[0], weak[1]}, 1e-15, "a label");
        assertEquals(0.25 * 0.45, weak[2], 1e-12); // (p - 0) / (2 views * 2 images)
        double[] other = g.get(1).toDoubles();
        assertEquals(0.25 * (0.55 - 1), other[0], 1e-12);
        assertArrayEquals(
            new double[] {0, 0}, new double[] {other[4], other[5]}, 1e-15, "not believed");
      }
      assertEquals(0, SelfLabels.of(List.of(x0, x1), Tensor.of(new int[] {0}, 1)).item(), "nobody");
    }
  }

  /// Rows whose first of two classes has these probabilities.
  private static Tensor logits(double... first) {
    double[] rows = new double[2 * first.length];
    for (int i = 0; i < first.length; i++) {
      rows[2 * i] = Math.log(first[i]);
      rows[2 * i + 1] = Math.log(1 - first[i]);
    }
    return Tensor.of(rows, first.length, 2);
  }
}
