package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Elementwise;
import ibrik.tensor.op.Elementwise.Comparison;
import ibrik.tensor.op.Op;
import java.util.List;

/// Elementwise methods of [Tensor]; binary ones broadcast. Rules: [Elementwise].
public sealed interface ElementwiseOps permits Tensor {
  private Tensor unary(Op op) {
    return Interpreter.current().apply1(op, List.of((Tensor) this));
  }

  private Tensor binary(Op op, Tensor other) {
    return Interpreter.current().apply1(op, List.of((Tensor) this, other));
  }

  /// `this + other`.
  default Tensor add(Tensor other) {
    return binary(new Elementwise.Add(), other);
  }

  /// `this - other`.
  default Tensor sub(Tensor other) {
    return binary(new Elementwise.Sub(), other);
  }

  /// `this * other`.
  default Tensor mul(Tensor other) {
    return binary(new Elementwise.Mul(), other);
  }

  /// `this / other`.
  default Tensor div(Tensor other) {
    return binary(new Elementwise.Div(), other);
  }

  /// The larger of both, NaN if either is.
  default Tensor maximum(Tensor other) {
    return binary(new Elementwise.Maximum(), other);
  }

  /// The smaller of both, NaN if either is.
  default Tensor minimum(Tensor other) {
    return binary(new Elementwise.Minimum(), other);
  }

  /// `this + term`.
  default Tensor add(double term) {
    return unary(new Elementwise.Offset(term));
  }

  /// `this - term`.
  default Tensor sub(double term) {
    return add(-term);
  }

  /// `this * factor`.
  default Tensor mul(double factor) {
    return unary(new Elementwise.Scale(factor));
  }

  /// `this / divisor`, as a product with the reciprocal.
  default Tensor div(double divisor) {
    return mul(1 / divisor);
  }

  /// `this == other`, as bool.
  default Tensor equal(Tensor other) {
    return binary(new Elementwise.Compare(Comparison.EQUAL), other);
  }

  /// `this != other`, as bool.
  default Tensor notEqual(Tensor other) {
    return binary(new Elementwise.Compare(Comparison.NOT_EQUAL), other);
  }

  /// `this < other`, as bool.
  default Tensor less(Tensor other) {
    return binary(new Elementwise.Compare(Comparison.LESS), other);
  }

  /// `this <= other`, as bool.
  default Tensor lessEqual(Tensor other) {
    return binary(new Elementwise.Compare(Comparison.LESS_EQUAL), other);
  }

  /// `this > other`, as bool.
  default Tensor greater(Tensor other) {
    return binary(new Elementwise.Compare(Comparison.GREATER), other);
  }

  /// `this >= other`, as bool.
  default Tensor greaterEqual(Tensor other) {
    return binary(new Elementwise.Compare(Comparison.GREATER_EQUAL), other);
  }

  /// `this ? a : b` for a bool tensor.
  default Tensor where(Tensor a, Tensor b) {
    return Interpreter.current().apply1(new Elementwise.Where(), List.of((Tensor) this, a, b));
  }

  /// The same numbers as `dtype`.
  default Tensor cast(DType dtype) {
    return unary(new Elementwise.Cast(dtype));
  }

  /// This tensor itself if its elements are of `dtype`, else [#cast].
  default Tensor as(DType dtype) {
    return ((Tensor) this).dtype() == dtype ? (Tensor) this : cast(dtype);
  }

  /// Logical not of a bool.
  default Tensor not() {
    return unary(new Elementwise.Not());
  }

  /// True where neither NaN nor infinite.
  default Tensor isFinite() {
    return unary(new Elementwise.IsFinite());
  }

  /// `-this`.
  default Tensor neg() {
    return unary(new Elementwise.Neg());
  }

  /// `|this|`.
  default Tensor abs() {
    return unary(new Elementwise.Abs());
  }

  /// -1, 0 or 1.
  default Tensor sign() {
    return unary(new Elementwise.Sign());
  }

  /// `e^this`.
  default Tensor exp() {
    return unary(new Elementwise.Exp());
  }

  /// Natural logarithm.
  default Tensor log() {
    return unary(new Elementwise.Log());
  }

  /// Square root.
  default Tensor sqrt() {
    return unary(new Elementwise.Sqrt());
  }

  /// `1 / sqrt(this)`.
  default Tensor rsqrt() {
    return unary(new Elementwise.Rsqrt());
  }

  /// `1 / this`.
  default Tensor reciprocal() {
    return unary(new Elementwise.Reciprocal());
  }

  /// `this * this`.
  default Tensor square() {
    return unary(new Elementwise.Square());
  }

  /// Sine of radians.
  default Tensor sin() {
    return unary(new Elementwise.Sin());
  }

  /// Cosine of radians.
  default Tensor cos() {
    return unary(new Elementwise.Cos());
  }

  /// Hyperbolic tangent.
  default Tensor tanh() {
    return unary(new Elementwise.Tanh());
  }

  /// `1 / (1 + e^-this)`.
  default Tensor sigmoid() {
    return unary(new Elementwise.Sigmoid());
  }

  /// The error function.
  default Tensor erf() {
    return unary(new Elementwise.Erf());
  }

  /// `max(this, 0)`.
  default Tensor relu() {
    return unary(new Elementwise.Relu());
  }

  /// Largest integer not above each element.
  default Tensor floor() {
    return unary(new Elementwise.Floor());
  }

  /// Nearest integer to each element, half to even.
  default Tensor round() {
    return unary(new Elementwise.Round());
  }

  /// `this^exponent`.
  default Tensor pow(double exponent) {
    return unary(new Elementwise.Pow(exponent));
  }

  /// Bounds each element to `[low, high]`.
  default Tensor clamp(double low, double high) {
    return unary(new Elementwise.Clamp(low, high));
  }
}
