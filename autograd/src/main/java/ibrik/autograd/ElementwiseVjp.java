package ibrik.autograd;

import static ibrik.autograd.Rules.list;
import static ibrik.autograd.Rules.unbroadcast;

import ibrik.tensor.Tensor;
import ibrik.tensor.Tensors;
import ibrik.tensor.op.Elementwise;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Elementwise]. `ct` is the cotangent, `x`, `a`, `b` inputs, `y` the output.
final class ElementwiseVjp {
  private ElementwiseVjp() {}

  static List<@Nullable Tensor> vjp(Elementwise op, Pull pull) {
    return switch (op) {
      case Elementwise.Unary unary -> list(unary(unary, pull.in(0), pull.out(0), pull.ct()));
      case Elementwise.Binary binary -> binary(binary, pull);
      case Elementwise.Where _ -> where(pull);
      case Elementwise.Cast _ -> list(pull.ct().cast(pull.in(0).dtype()));
      case Elementwise.Compare _, Elementwise.Not _, Elementwise.IsFinite _ -> pull.none();
    };
  }

  private static Tensor unary(Elementwise.Unary op, Tensor x, Tensor y, Tensor ct) {
    return switch (op) {
      case Elementwise.Neg() -> ct.neg(); //                      (-x)' = -1
      case Elementwise.Abs() -> ct.mul(x.sign()); //              |x|' = sign x
      case Elementwise.Sign() -> Tensors.zerosLike(x); //         flat
      case Elementwise.Floor() -> Tensors.zerosLike(x); //        flat
      case Elementwise.Round() -> Tensors.zerosLike(x); //        flat
      case Elementwise.Exp() -> ct.mul(y); //                     e^x
      case Elementwise.Log() -> ct.div(x); //                     1/x
      case Elementwise.Sqrt() -> ct.div(y).mul(0.5); //           1/(2 sqrt x)
      case Elementwise.Rsqrt() -> ct.mul(y.mul(y.square())).mul(-0.5); // -x^(-3/2)/2
      case Elementwise.Reciprocal() -> ct.mul(y.square()).neg(); // -1/x^2
      case Elementwise.Square() -> ct.mul(x).mul(2); //           2x
      case Elementwise.Sin() -> ct.mul(x.cos()); //               cos x
      case Elementwise.Cos() -> ct.mul(x.sin()).neg(); //         -sin x
      case Elementwise.Tanh() -> ct.sub(ct.mul(y.square())); //   1 - y^2
      case Elementwise.Sigmoid() -> ct.mul(y.sub(y.square())); // y (1 - y)
      case Elementwise.Erf() -> // 2 e^(-x^2) / sqrt pi
          ct.mul(x.square().neg().exp()).mul(2 / Math.sqrt(Math.PI));
      case Elementwise.Relu() ->
          Rules.apply(new Elementwise.ReluBackward(), ct, y); // 1 where y > 0
      case Elementwise.Scale(double factor) -> ct.mul(factor); // (f x)' = f
      case Elementwise.Offset _ -> ct; //                         (x + t)' = 1
      case Elementwise.Pow(double p) -> ct.mul(x.pow(p - 1)).mul(p); // p x^(p-1)
      case Elementwise.Clamp _ -> ct.mul(x.equal(y).cast(x.dtype())); // 1 where unchanged
    };
  }

  private static List<@Nullable Tensor> binary(Elementwise.Binary op, Pull pull) {
    Tensor a = pull.in(0);
    Tensor b = pull.in(1);
    Tensor ct = pull.ct();
    Tensor da = null;
    Tensor db = null;
    if (pull.needs(0)) {
      da =
          switch (op) {
            case Elementwise.Add(), Elementwise.Sub() -> ct; //     (a +- b)'_a = 1
            case Elementwise.Mul() -> ct.mul(b); //                 (a b)'_a = b
            case Elementwise.Div() -> ct.div(b); //                 (a/b)'_a = 1/b
            case Elementwise.Maximum() -> ct.mul(chosen(a, b, a.greater(b)));
            case Elementwise.Minimum() -> ct.mul(chosen(a, b, a.less(b)));
            case Elementwise.ReluBackward() -> Rules.apply(op, ct, b); // linear in a
          };
    }
    if (pull.needs(1)) {
      db =
          switch (op) {
            case Elementwise.Add() -> ct; //                        (a + b)'_b = 1
            case Elementwise.Sub() -> ct.neg(); //                  (a - b)'_b = -1
            case Elementwise.Mul() -> ct.mul(a); //                 (a b)'_b = a
            case Elementwise.Div() -> ct.mul(pull.out(0)).div(b).neg(); // -(a/b)/b
            case Elementwise.Maximum() -> ct.mul(chosen(a, b, b.greater(a)));
            case Elementwise.Minimum() -> ct.mul(chosen(a, b, b.less(a)));
            case Elementwise.ReluBackward() -> Tensors.zerosLike(ct); // flat in b
          };
    }
    return list(
        da == null ? null : unbroadcast(da, a.shape()),
        db == null ? null : unbroadcast(db, b.shape()));
  }

  /// 1 where `wins`, 1/2 where a and b tie, else 0.
  private static Tensor chosen(Tensor a, Tensor b, Tensor wins) {
    return wins.cast(a.dtype()).add(a.equal(b).cast(a.dtype()).mul(0.5));
  }

  private static List<@Nullable Tensor> where(Pull pull) {
    Tensor condition = pull.in(0);
    Tensor ct = pull.ct();
    Tensor zero = Tensors.zerosLike(ct);
    return list(
        null,
        pull.needs(1) ? unbroadcast(condition.where(ct, zero), pull.in(1).shape()) : null,
        pull.needs(2) ? unbroadcast(condition.where(zero, ct), pull.in(2).shape()) : null);
  }
}
