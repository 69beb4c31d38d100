package ibrik.ssl.method.relicv2;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelicLossTest extends MethodTest {
  private static Tensor unit(Tensor x) {
    return x.l2Normalize();
  }

  private static Tensor others() {
    return Tensor.of(new int[] {1, 2, 2, 0, 0, 1}, 3, 2);
  }

  /// Two images on the axes, one negative each, t = 1: an image finds itself with e / (e + 1) where
  /// online and target agree. All views equal: the contrastive term is all there is.
  @Test
  void byHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor axes = Tensor.of(new double[] {1, 0, 0, 1}, 2, 2);
      Tensor negatives = Tensor.of(new int[] {1, 0}, 2, 1);
      RelicLoss loss = new RelicLoss(1, 0.7, 5, false);
      double want = 0.7 * Math.log(1 + Math.exp(-1));
      assertEquals(
          want, loss.of(List.of(axes, axes), List.of(axes, axes), negatives).item(), 1e-12);
    }
  }

  /// Only invariance, one image that changes sides: view a gives p = e / (e + 1) to itself against
  /// target b, view b 1 / (e + 1) against target a. The divergences are p ln(p/q) + q ln(q/p) in
  /// both directions; no gradient reaches the references, so that view b is pulled by `(q - p)`.
  @Test
  void invarianceByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = Tensor.of(new double[] {1, 0, 1, 0}, 2, 2);
      Tensor b = Tensor.of(new double[] {0, 1, 0, 1}, 2, 2);
      Tensor target = Tensor.of(new double[] {1, 0, 0, 1}, 2, 2);
      Tensor negatives = Tensor.of(new int[] {1, 0}, 2, 1);
      double p = Math.E / (Math.E + 1);
      double q = 1 - p;
      RelicLoss loss = new RelicLoss(1, 0, 1, false);
      try (Tape.Run run =
          Tape.record(() -> loss.of(List.of(a, b), List.of(target, target), negatives))) {
        assertEquals((p - q) * Math.log(p / q), run.value().item(), 1e-12);
        // Image 0 of view b: d/dlogits = (q - p, p - q) / (2 images * 2 pairs), times the targets.
        double pull = (q - p) / 4;
        List<Tensor> g = run.gradients(List.of(a, b, target));
        assertArrayEquals(new double[] {pull, -pull, pull, -pull}, g.get(1).toDoubles(), 1e-12);
        assertArrayEquals(new double[] {-pull, pull, -pull, pull}, g.get(0).toDoubles(), 1e-12);
        assertArrayEquals(new double[4], g.get(2).toDoubles(), "targets are constants");
      }
    }
  }

  /// Two large views and a small one; numbers of a separate program, without and with an image's
  /// own crop.
  @Test
  void fixture() {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> online =
          List.of(unit(waves(0.5, 3, 2)), unit(waves(1.5, 3, 2)), unit(waves(2.5, 3, 2)));
      List<Tensor> targets = List.of(unit(waves(3.5, 3, 2)), unit(waves(4.5, 3, 2)));
      assertEquals(
          2.9536988286377763,
          new RelicLoss(0.5, 0.7, 1.3, false).of(online, targets, others()).item(),
          1e-12);
      assertEquals(
          2.904570587263496,
          new RelicLoss(0.5, 0.7, 1.3, true).of(online, targets, others()).item(),
          1e-12);
    }
  }

  /// The contrastive term alone: it has no constants among what is trained.
  @Test
  void gradientCheck() {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> targets = List.of(unit(normal64(3, 3, 4)), unit(normal64(4, 3, 4)));
      List<Tensor> online = List.of(normal64(0, 3, 4), normal64(1, 3, 4), normal64(2, 3, 4));
      RelicLoss loss = new RelicLoss(0.5, 1, 0, true);
      for (long seed : new long[] {1, 2}) {
        GradCheck check = GradCheck.of(o -> loss.of(o, targets, others())).on(Device.CPU);
        check.firstOrder(online, seed).orThrow();
        check.secondOrder(online, seed).orThrow();
      }
    }
  }

  @Test
  void whatDoesNotMatter() {
    try (TensorScope _ = TensorScope.open()) {
      RelicLoss loss = new RelicLoss(0.5, 1, 1, false);
      List<Tensor> o = List.of(unit(normal64(0, 3, 4)), unit(normal64(1, 3, 4)));
      List<Tensor> t = List.of(unit(normal64(2, 3, 4)), unit(normal64(3, 3, 4)));
      double value = loss.of(o, t, others()).item();
      assertEquals(value, loss.of(o.reversed(), t.reversed(), others()).item(), 1e-12);
      // with all others as negatives the order of images says nothing
      List<Tensor> ro = o.stream().map(MethodTest::rolled).toList();
      List<Tensor> rt = t.stream().map(MethodTest::rolled).toList();
      assertEquals(value, loss.of(ro, rt, others()).item(), 1e-12);
      assertTrue(Math.abs(value - loss.of(ro, t, others()).item()) > 1e-3);
    }
  }

  /// Equal embeddings: `ln(N + 1)`, and no divergence.
  @Test
  void collapseIsTheLogarithm() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor same = unit(Tensor.of(new double[] {1, 2, 1, 2, 1, 2}, 3, 2));
      RelicLoss loss = new RelicLoss(0.1, 2, 3, false);
      assertEquals(
          2 * Math.log(3),
          loss.of(List.of(same, same, same), List.of(same, same), others()).item(),
          1e-12);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void temperatureMustBePositive(double temperature) {
    rejects(
        "[relic_loss] temperature must be a number above 0; got " + temperature,
        () -> new RelicLoss(temperature, 1, 1, false));
  }

  @Test
  void shapesMustFit() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = normal64(0, 3, 2);
      rejects(
          "[relic_loss] needs embeddings [B, D] of all views, of 2 targets or more, and negatives"
              + " [B, N]; got online: [f64[3,2]], targets: [f64[3,2]], negatives: i32[3,2]",
          () -> new RelicLoss(1, 1, 1, false).of(List.of(x), List.of(x), others()));
    }
  }
}
