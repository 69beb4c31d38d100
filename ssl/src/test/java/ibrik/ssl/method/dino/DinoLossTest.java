package ibrik.ssl.method.dino;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DinoLossTest extends MethodTest {
  private static Tensor temperature(double value) {
    return Tensor.of(new double[] {value}, new long[0]);
  }

  private static Tensor loss(Tensor student, Tensor teacher, Tensor center, int views) {
    return DinoLoss.of(student, teacher, center, views, 0.4, temperature(0.2));
  }

  /// One image, two views, two outputs, temperatures 1 and 1, centre (ln 2, 0): teacher outputs (ln
  /// 6, 0) and (ln 2, 0) become (3/4, 1/4) and (1/2, 1/2). Student outputs (ln 3, 0) and (0, 0)
  /// give (3/4, 1/4) and (1/2, 1/2).
  @Test
  void byHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor student = Tensor.of(new double[] {Math.log(3), 0, 0, 0}, 2, 2);
      Tensor teacher = Tensor.of(new double[] {Math.log(6), 0, Math.log(2), 0}, 2, 2);
      Tensor center = Tensor.of(new double[] {Math.log(2), 0}, 2);
      try (Tape.Run run =
          Tape.record(() -> DinoLoss.of(student, teacher, center, 2, 1, temperature(1)))) {
        double first = Math.log(2); // view 2 against the teacher's view 1
        double second = -(Math.log(0.75) + Math.log(0.25)) / 2;
        assertEquals((first + second) / 2, run.value().item(), 1e-12);
        List<Tensor> g = run.gradients(List.of(student, teacher, center));
        assertArrayEquals(new double[] {0.125, -0.125, -0.125, 0.125}, g.get(0).toDoubles(), 1e-12);
        assertArrayEquals(new double[4], g.get(1).toDoubles(), "the teacher is a constant");
        assertArrayEquals(new double[2], g.get(2).toDoubles(), "the centre is a constant");
      }
    }
  }

  /// Three views, two of the teacher's; numbers of a separate program.
  @Test
  void fixture() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor student = waves(0.3, 6, 4);
      Tensor teacher = waves(0.9, 4, 4);
      try (Tape.Run run = Tape.record(() -> loss(student, teacher, waves(2.1, 4), 3))) {
        assertEquals(3.388260772171809, run.value().item(), 1e-12);
        double[] g = run.gradients(List.of(student)).getFirst().toDoubles();
        assertEquals(0.04039534884370255, g[0], 1e-8);
        assertEquals(-0.019828386044196122, g[13], 1e-8);
        assertEquals(-0.164540318037254, g[23], 1e-8);
      }
    }
  }

  @Test
  void gradientCheck() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor teacher = normal64(1, 4, 5);
      Tensor center = normal64(2, 5);
      for (long seed : new long[] {1, 2}) {
        GradCheck check = GradCheck.of(s -> loss(s.getFirst(), teacher, center, 3)).on(Device.CPU);
        check.firstOrder(List.of(normal64(0, 6, 5)), seed).orThrow();
        check.secondOrder(List.of(normal64(0, 6, 5)), seed).orThrow();
      }
    }
  }

  @Test
  void whatDoesNotMatter() {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> s = List.of(normal64(0, 4, 3), normal64(1, 4, 3), normal64(2, 4, 3));
      List<Tensor> t = List.of(normal64(3, 4, 3), normal64(4, 4, 3));
      Tensor c = normal64(5, 3);
      double loss = loss(LayoutOps.concat(0, s), LayoutOps.concat(0, t), c, 3).item();
      Tensor swapped = LayoutOps.concat(0, List.of(s.get(1), s.get(0), s.get(2)));
      assertEquals(loss, loss(swapped, LayoutOps.concat(0, t.reversed()), c, 3).item(), 1e-12);
      Tensor rolledStudent = LayoutOps.concat(0, s.stream().map(MethodTest::rolled).toList());
      Tensor rolledTeacher = LayoutOps.concat(0, t.stream().map(MethodTest::rolled).toList());
      assertEquals(loss, loss(rolledStudent, rolledTeacher, c, 3).item(), 1e-12);
      assertTrue(Math.abs(loss - loss(rolledStudent, LayoutOps.concat(0, t), c, 3).item()) > 1e-3);
      assertEquals(
          loss, loss(LayoutOps.concat(0, s), LayoutOps.concat(0, t), c.add(2), 3).item(), 1e-12);
    }
  }

  /// Equal outputs: with the centre on them every target is uniform, so that the loss is ln K at
  /// least, and ln K where the student is uniform, too. Without a centre a single winner costs
  /// nothing: that is what centring prevents.
  @Test
  void collapse() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor flat = Tensor.of(new double[8], 2, 4);
      Tensor none = Tensor.of(new double[4], 4);
      assertEquals(Math.log(4), loss(flat, flat, none, 2).item(), 1e-12);
      Tensor winner = Tensor.of(new double[] {30, 0, 0, 0, 30, 0, 0, 0}, 2, 4);
      assertEquals(0, loss(winner, winner, none, 2).item(), 1e-9);
      Tensor center = Tensor.of(new double[] {30, 0, 0, 0}, 4);
      assertTrue(loss(winner, winner, center, 2).item() > 10 * Math.log(4));
      assertEquals(Math.log(4), loss(flat, winner, center, 2).item(), 1e-12);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void temperatureMustBePositive(double temperature) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = normal64(0, 4, 3);
      rejects(
          "[dino_loss] temperature must be a number above 0; got " + temperature,
          () -> DinoLoss.of(x, x, normal64(1, 3), 2, temperature, temperature(1)));
    }
  }

  @Test
  void shapesMustFit() {
    try (TensorScope _ = TensorScope.open()) {
      rejects(
          "[dino_loss] needs student [V B, K] of V >= 2 views, teacher [U B, K] of U <= V views and"
              + " center [K]; got student: f64[4,3], teacher: f64[4,2], center: f64[3], V: 2",
          () -> loss(normal64(0, 4, 3), normal64(1, 4, 2), normal64(2, 3), 2));
    }
  }
}
