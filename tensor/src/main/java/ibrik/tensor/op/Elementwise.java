package ibrik.tensor.op;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import java.util.List;

/// One output element from the elements at the same place. Binary and ternary ops broadcast:
/// extents aligned at the last axis must be equal or 1. NaN and infinities propagate as in IEEE
/// 754.
public sealed interface Elementwise extends Op {
  /// Ops on one tensor; the shape stays.
  sealed interface Unary extends Elementwise {
    @Override
    default List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x").floating().done();
      return List.of(in.getFirst());
    }
  }

  /// Ops on two tensors of one element type.
  sealed interface Binary extends Elementwise {
    @Override
    default List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "a", "b")
          .sameType(0, 1)
          .rule(
              in.get(0).dtype().isFloat() || in.get(0).dtype().isInteger(),
              "a and b must be numbers")
          .rule(
              Shape.compatible(in.get(0).shape(), in.get(1).shape()),
              "extents must be equal or 1, aligned at the last axis",
              "reshape one of them")
          .done();
      return List.of(in.getFirst().with(Shape.broadcast(in.get(0).shape(), in.get(1).shape())));
    }
  }

  /// `a + b`.
  record Add() implements Binary {}

  /// `a - b`.
  record Sub() implements Binary {}

  /// `a * b`.
  record Mul() implements Binary {}

  /// `a / b`; integers round toward zero and division by zero is an [ArithmeticException].
  record Div() implements Binary {}

  /// The larger of both; NaN if either is NaN.
  record Maximum() implements Binary {}

  /// The smaller of both; NaN if either is NaN.
  record Minimum() implements Binary {}

  /// `b > 0 ? a : 0`: the gradient of [Relu], with a the cotangent and b its input or output.
  record ReluBackward() implements Binary {}

  /// How [Compare] compares.
  enum Comparison {
    /// `a == b`
    EQUAL,
    /// `a != b`
    NOT_EQUAL,
    /// `a < b`
    LESS,
    /// `a <= b`
    LESS_EQUAL,
    /// `a > b`
    GREATER,
    /// `a >= b`
    GREATER_EQUAL
  }

  /// A bool per element; comparisons with NaN are false, except `!=`.
  record Compare(Comparison how) implements Elementwise {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "a", "b")
          .sameType(0, 1)
          .rule(
              Shape.compatible(in.get(0).shape(), in.get(1).shape()),
              "extents must be equal or 1, aligned at the last axis",
              "reshape one of them")
          .done();
      return List.of(
          new TensorSpec(DType.BOOL, Shape.broadcast(in.get(0).shape(), in.get(1).shape())));
    }
  }

  /// `condition ? a : b`, element by element; condition is bool.
  record Where() implements Elementwise {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check =
          Check.of(this, in, "condition", "a", "b")
              .type(0, DType.BOOL)
              .sameType(1, 2)
              .rule(
                  Shape.compatible(in.get(1).shape(), in.get(2).shape())
                      && Shape.compatible(
                          in.get(0).shape(), Shape.broadcast(in.get(1).shape(), in.get(2).shape())),
                  "extents must be equal or 1, aligned at the last axis",
                  "reshape one of them");
      check.done();
      Shape values = Shape.broadcast(in.get(1).shape(), in.get(2).shape());
      return List.of(in.get(1).with(Shape.broadcast(in.get(0).shape(), values)));
    }
  }

  /// Converts to `dtype`: floats round to nearest even, float to integer truncates and saturates,
  /// anything but 0 is true.
  record Cast(DType dtype) implements Elementwise {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x").done();
      return List.of(in.getFirst().with(dtype));
    }
  }

  /// Logical not of a bool.
  record Not() implements Elementwise {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x").type(0, DType.BOOL).done();
      return List.of(in.getFirst());
    }
  }

  /// True where the element is neither NaN nor infinite.
  record IsFinite() implements Elementwise {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x").floating().done();
      return List.of(in.getFirst().with(DType.BOOL));
    }
  }

  /// `-x`.
  record Neg() implements Unary {}

  /// `|x|`.
  record Abs() implements Unary {}

  /// -1, 0 or 1 by sign; NaN stays.
  record Sign() implements Unary {}

  /// `e^x`.
  record Exp() implements Unary {}

  /// Natural logarithm.
  record Log() implements Unary {}

  /// Square root.
  record Sqrt() implements Unary {}

  /// `1 / sqrt(x)`.
  record Rsqrt() implements Unary {}

  /// `1 / x`.
  record Reciprocal() implements Unary {}

  /// `x * x`.
  record Square() implements Unary {}

  /// Sine of radians.
  record Sin() implements Unary {}

  /// Cosine of radians.
  record Cos() implements Unary {}

  /// Hyperbolic tangent.
  record Tanh() implements Unary {}

  /// `1 / (1 + e^-x)`.
  record Sigmoid() implements Unary {}

  /// The error function, `2 / sqrt(pi)` times the integral of `e^(-t^2)` from 0 to x.
  record Erf() implements Unary {}

  /// `max(x, 0)`; NaN stays. The derivative at 0 is 0.
  record Relu() implements Unary {}

  /// Largest integer not above x.
  record Floor() implements Unary {}

  /// Nearest integer, half to even; flat, as floor is. See [Quantize] for a gradient that passes.
  record Round() implements Unary {}

  /// `factor * x`.
  record Scale(double factor) implements Unary {}

  /// `x + term`.
  record Offset(double term) implements Unary {}

  /// `x^exponent`.
  record Pow(double exponent) implements Unary {}

  /// `min(max(x, low), high)`; NaN stays. The derivative is 1 inside and on the bounds.
  record Clamp(double low, double high) implements Unary {
    /// Checks the bounds.
    public Clamp {
      if (!(low <= high)) {
        throw new IllegalArgumentException(
            "[clamp] low must not exceed high; got " + low + " and " + high);
      }
    }
  }
}
