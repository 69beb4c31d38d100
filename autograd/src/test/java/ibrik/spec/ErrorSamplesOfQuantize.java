package ibrik.spec;

import static ibrik.spec.ErrorSample.broken;

import ibrik.tensor.op.Op;
import ibrik.tensor.op.QuantGrid;
import ibrik.tensor.op.Quantize;
import java.util.List;

/// One broken call per op and rule of [Quantize].
final class ErrorSamplesOfQuantize {
  private static final String CAST = "cast it with cast(DType.F32)";
  private static final String ONE_TYPE = " must have one element type";
  private static final String CAST_ONE = "cast one of them";
  private static final String ALIKE = "x and dy must have one type and shape";
  private static final QuantGrid GRID = QuantGrid.signed(8);
  private static final QuantGrid DIVIDING = GRID.dividing();

  private ErrorSamplesOfQuantize() {}

  static void add(List<ErrorSample> samples) {
    Op round = new Quantize.StraightThroughRound();
    samples.add(broken(round, "x must be floating point", "x: i32[2]", CAST, "i32[2]"));
    for (int axis : new int[] {0, 2, -1}) {
      affine(samples, axis);
      affineBackward(samples, axis);
    }
    lsq(samples);
    pact(samples);
  }

  private static void affine(List<ErrorSample> samples, int axis) {
    String missing = "axis " + axis + " of x must exist (not negative)";
    String other = "scale and zero must each be 0-d or [2], axis 0 of x";
    for (Op op :
        List.of(
            new Quantize.FakeQuantize(GRID, axis),
            new Quantize.LearnedFakeQuantize(GRID, axis, 1))) {
      if (axis == 0) {
        String got = "x: f32[2,3], scale: f32[3], zero: f32[]";
        samples.add(broken(op, other, got, "", "f32[2,3]", "f32[3]", "f32[]"));
      } else {
        String got = "x: f32[2,3], scale: f32[], zero: f32[3]";
        samples.add(broken(op, missing, got, "", "f32[2,3]", "f32[]", "f32[3]"));
      }
      // 0-d parameters need no axis: only their types are refused.
      String mixed = "x: f32[2], scale: f64[], zero: f32[]";
      samples.add(
          broken(op, "x and scale" + ONE_TYPE, mixed, CAST_ONE, "f32[2]", "f64[]", "f32[]"));
      String whole = "x: f32[2], scale: f32[], zero: i32[]";
      samples.add(
          broken(
              op,
              "zero must be floating point; x and zero" + ONE_TYPE,
              whole,
              CAST + "; " + CAST_ONE,
              "f32[2]",
              "f32[]",
              "i32[]"));
    }
  }

  private static void affineBackward(List<ErrorSample> samples, int axis) {
    String missing = "axis " + axis + " of x must exist (not negative)";
    String other = "scale and zero must each be 0-d or [2], axis 0 of x";
    for (Op op :
        List.of(
            new Quantize.FakeQuantizeBackward(GRID, axis),
            new Quantize.FakeQuantizeParametersBackward(GRID, axis))) {
      String got = "x: f32[2,3], scale: f32[3], zero: f32[], dy: f32[2,3]";
      String rule = axis == 0 ? other : missing;
      samples.add(broken(op, rule, got, "", "f32[2,3]", "f32[3]", "f32[]", "f32[2,3]"));
      String unlike = "x: f32[2,3], scale: f32[], zero: f32[], dy: f32[3,2]";
      samples.add(broken(op, ALIKE, unlike, "", "f32[2,3]", "f32[]", "f32[]", "f32[3,2]"));
    }
  }

  private static void lsq(List<ErrorSample> samples) {
    Op forward = new Quantize.LsqQuantize(DIVIDING, 1, 1);
    String other = "scale must be 0-d or [3], axis 1 of x";
    String got = "x: f32[2,3], scale: f32[2]";
    samples.add(broken(forward, other, got, "", "f32[2,3]", "f32[2]"));
    String mixed = "x: f64[2,3], scale: f32[]";
    samples.add(broken(forward, "x and scale" + ONE_TYPE, mixed, CAST_ONE, "f64[2,3]", "f32[]"));
    Op backward = new Quantize.LsqQuantizeBackward(DIVIDING, 1, 1);
    got += ", dy: f32[2,3]";
    samples.add(broken(backward, other, got, "", "f32[2,3]", "f32[2]", "f32[2,3]"));
    got = "x: f32[2,3], scale: f32[], dy: f64[2,3]";
    samples.add(broken(backward, ALIKE, got, "", "f32[2,3]", "f32[]", "f64[2,3]"));
  }

  private static void pact(List<ErrorSample> samples) {
    Op forward = new Quantize.PactQuantize(15);
    String alpha = "alpha must have 0 axes";
    samples.add(broken(forward, alpha, "x: f32[2], alpha: f32[2]", "", "f32[2]", "f32[2]"));
    String mixed = "x: f32[2], alpha: f64[]";
    samples.add(broken(forward, "x and alpha" + ONE_TYPE, mixed, CAST_ONE, "f32[2]", "f64[]"));
    Op backward = new Quantize.PactQuantizeBackward();
    String got = "x: f32[2], alpha: f32[1], dy: f32[2]";
    samples.add(broken(backward, alpha, got, "", "f32[2]", "f32[1]", "f32[2]"));
    got = "x: f32[2], alpha: f32[], dy: f32[3]";
    samples.add(broken(backward, ALIKE, got, "", "f32[2]", "f32[]", "f32[3]"));
  }
}
