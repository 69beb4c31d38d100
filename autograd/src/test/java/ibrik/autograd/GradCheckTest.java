package ibrik.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.CustomOp;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The check must find wrong gradients: each fault here is one that was made somewhere.
class GradCheckTest {
  private long before;

  @BeforeEach
  void countBytes() {
    before = Backends.of(Device.REFERENCE).memory(0).liveBytes();
  }

  @AfterEach
  void nothingLeaked() {
    assertEquals(before, Backends.of(Device.REFERENCE).memory(0).liveBytes(), "bytes leaked");
  }

  /// `x^3` with a derivative of `factor x^2 + offset`, applied to `ct` or, wrongly, not at all.
  record Cube(double factor, double offset, boolean usesCotangent) implements CustomOp {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      return in;
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      return List.of(in.getFirst().square().mul(in.getFirst()));
    }

    @Override
    public List<@Nullable Tensor> vjp(
        List<Tensor> in, List<Tensor> out, List<@Nullable Tensor> cotangents) {
      Tensor slope = in.getFirst().square().mul(factor).add(offset);
      Tensor ct = cotangents.getFirst();
      return Arrays.asList(usesCotangent && ct != null ? slope.mul(ct) : slope);
    }
  }

  private static Tensor apply(CustomOp op, Tensor x) {
    return Interpreter.current().apply1(op, List.of(x));
  }

  private static GradCheck.Report check(CustomOp op, double... at) {
    return GradCheck.of(in -> apply(op, in.getFirst()))
        .firstOrder(List.of(Tensor.of(at, at.length)), 1);
  }

  @Test
  void aRightGradientPasses() {
    try (TensorScope _ = TensorScope.open()) {
      GradCheck.Report report = check(new Cube(3, 0, true), 0.3, -1.2, 2);
      assertTrue(report.passes(), report::toString);
      report.orThrow();
    }
  }

  @Test
  void wrongGradientsAreFound() {
    try (TensorScope _ = TensorScope.open()) {
      for (Cube wrong :
          List.of(
              new Cube(2, 0, true), // a wrong factor
              new Cube(-3, 0, true), // a wrong sign
              new Cube(3, 1e-4, true), // a small wrong term
              new Cube(3, 0, false))) { // right for a cotangent of ones only
        GradCheck.Report report = check(wrong, 0.3, -1.2, 2);
        assertFalse(report.passes(), () -> wrong + "\n" + report);
        assertThrows(AssertionError.class, report::orThrow);
      }
    }
  }

  @Test
  void notANumberIsNeverRight() {
    try (TensorScope _ = TensorScope.open()) {
      GradCheck.Report report = check(new Cube(Double.NaN, 0, true), 1, 2);
      assertFalse(report.passes());
      assertTrue(Double.isNaN(report.rows().getFirst().analytic()));
    }
  }

  @Test
  void theTableNamesTheWorstElementOfEachInput() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new double[] {0.1, 3, 0.2}, 3);
      Tensor y = Tensor.of(new double[] {1, 2, 4}, 3);
      GradCheck.Report report =
          GradCheck.of(in -> apply(new Cube(2, 0, true), in.get(0)).add(in.get(1)))
              .firstOrder(List.of(x, y), 7);
      GradCheck.Row wrong = report.rows().get(0);
      assertEquals(1, wrong.worst(), "the element at 3 is off the most");
      assertEquals(1.5, wrong.numeric() / wrong.analytic(), 1e-6);
      assertTrue(report.rows().get(1).passes());

      List<String> lines = report.toString().lines().toList();
      assertEquals("first order, seed 7", lines.get(0));
      assertEquals(
          List.of(
              "input", "spec", "worst", "analytic", "numeric", "difference", "allowed", "verdict"),
          Arrays.asList(lines.get(1).strip().split("\\s+")));
      String[] first = lines.get(2).strip().split("\\s+");
      assertEquals("0", first[0]);
      assertEquals("f64[3]", first[1]);
      assertEquals("1", first[2]);
      assertEquals(wrong.analytic(), Double.parseDouble(first[3]), 1e-6);
      assertEquals("WRONG", first[7]);
      assertTrue(lines.get(3).endsWith("ok"), lines.get(3));
      assertEquals(4, lines.size());
      AssertionError thrown = assertThrows(AssertionError.class, report::orThrow);
      assertEquals(report.toString(), thrown.getMessage());
    }
  }

  @Test
  void inputsThatAreNotFloatAreHeldFixed() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor logits = Tensor.of(new double[] {0.1, 0.7, -0.3, 0.2}, 2, 2);
      Tensor labels = Tensor.of(new int[] {1, 0}, 2);
      GradCheck.Report report =
          GradCheck.of(in -> in.get(0).softmaxCrossEntropy(in.get(1)))
              .firstOrder(List.of(logits, labels), 3);
      assertEquals(List.of(0), report.rows().stream().map(GradCheck.Row::input).toList());
      report.orThrow();
    }
  }

  @Test
  void secondOrderSeesAWrongDerivativeOfTheDerivative() {
    /// `x^2` with a right first derivative whose own derivative is missing.
    record Square() implements CustomOp {
      @Override
      public List<TensorSpec> infer(List<TensorSpec> in) {
        return in;
      }

      @Override
      public List<Tensor> compose(List<Tensor> in) {
        return List.of(in.getFirst().square());
      }

      @Override
      public List<@Nullable Tensor> vjp(
          List<Tensor> in, List<Tensor> out, List<@Nullable Tensor> cotangents) {
        Tensor ct = cotangents.getFirst();
        return Arrays.asList(ct == null ? null : in.getFirst().detach().mul(2).mul(ct));
      }
    }
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> x = List.of(Tensor.of(new double[] {0.4, -1}, 2));
      GradCheck broken = GradCheck.of(in -> apply(new Square(), in.getFirst()));
      broken.firstOrder(x, 2).orThrow();
      assertFalse(broken.secondOrder(x, 2).passes());
      GradCheck.of(in -> in.getFirst().square()).secondOrder(x, 2).orThrow();
    }
  }

  @Test
  void otherPrecisionsAreRefused() {
    try (TensorScope _ = TensorScope.open()) {
      IllegalArgumentException thrown =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  GradCheck.of(in -> in.getFirst().square())
                      .firstOrder(List.of(Tensor.of(new float[] {1, 2}, 2)), 1));
      assertEquals(
          "[grad_check] inputs must be f64, difference quotients need the digits; got f32[2]",
          thrown.getMessage());
    }
  }

  @Test
  void anEmptyInputPasses() {
    try (TensorScope _ = TensorScope.open()) {
      GradCheck.Report report =
          GradCheck.of(in -> in.getFirst().square())
              .firstOrder(List.of(Tensor.of(new double[0], 0, 3)), 1);
      assertTrue(report.passes());
      assertEquals(-1, report.rows().getFirst().worst());
    }
  }
}
