package ibrik.tensor.reference;

import ibrik.tensor.DType;
import ibrik.tensor.Elements;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Elementwise;
import java.util.List;

/// Scalar meaning of [Elementwise]. Floats compute in f64 and round once.
final class ElementwiseReference {
  private ElementwiseReference() {}

  static Kernel kernel(Elementwise op) {
    Kernel kernel =
        (in, outs) -> {
          Tensor out = outs.getFirst();
          switch (op) {
            case Elementwise.Unary unary ->
                each(in, out, (x, _, _) -> apply(unary, x), out.dtype());
            case Elementwise.Binary binary -> binary(binary, in, out);
            case Elementwise.Compare compare -> compare(compare, in, out);
            case Elementwise.Where _ -> where(in, out);
            case Elementwise.Cast _ -> cast(in.getFirst(), out);
            case Elementwise.Not _ -> each(in, out, (x, _, _) -> x == 0 ? 1 : 0, DType.BOOL);
            case Elementwise.IsFinite _ ->
                each(in, out, (x, _, _) -> Double.isFinite(x) ? 1 : 0, DType.BOOL);
          }
        };
    // Place i of an operand that is not stretched is read just before place i is written.
    return kernel.overwriting(0, 1, 2);
  }

  /// Up to three operands at the same place.
  private interface Body {
    double at(double a, double b, double c);
  }

  private static void each(List<Tensor> in, Tensor out, Body body, DType outType) {
    Strider[] striders =
        in.stream().map(t -> new Strider(t.shape(), out.shape())).toArray(Strider[]::new);
    double[] x = new double[3];
    for (long i = 0; i < out.elems(); i++) {
      for (int k = 0; k < striders.length; k++) {
        x[k] = Elements.get(in.get(k).data(), in.get(k).dtype(), striders[k].at(i));
      }
      Elements.set(out.data(), outType, i, body.at(x[0], x[1], x[2]));
    }
  }

  private static double apply(Elementwise.Unary op, double x) {
    return switch (op) {
      case Elementwise.Neg _ -> -x;
      case Elementwise.Abs _ -> Math.abs(x);
      case Elementwise.Sign _ -> Math.signum(x);
      case Elementwise.Exp _ -> Math.exp(x);
      case Elementwise.Log _ -> Math.log(x);
      case Elementwise.Sqrt _ -> Math.sqrt(x);
      case Elementwise.Rsqrt _ -> 1 / Math.sqrt(x);
      case Elementwise.Reciprocal _ -> 1 / x;
      case Elementwise.Square _ -> x * x;
      case Elementwise.Sin _ -> Math.sin(x);
      case Elementwise.Cos _ -> Math.cos(x);
      case Elementwise.Tanh _ -> Math.tanh(x);
      case Elementwise.Sigmoid _ -> 1 / (1 + Math.exp(-x));
      case Elementwise.Erf _ -> ErrorFunction.erf(x);
      case Elementwise.Relu _ -> Math.max(x, 0.0);
      case Elementwise.Floor _ -> Math.floor(x);
      case Elementwise.Round _ -> Math.rint(x);
      case Elementwise.Scale(double factor) -> factor * x;
      case Elementwise.Offset(double term) -> x + term;
      case Elementwise.Pow(double exponent) -> Math.pow(x, exponent);
      case Elementwise.Clamp(double low, double high) -> Math.min(Math.max(x, low), high);
    };
  }

  private static void binary(Elementwise.Binary op, List<Tensor> in, Tensor out) {
    if (out.dtype().isFloat()) {
      each(
          in,
          out,
          (a, b, _) ->
              switch (op) {
                case Elementwise.Add _ -> a + b;
                case Elementwise.Sub _ -> a - b;
                case Elementwise.Mul _ -> a * b;
                case Elementwise.Div _ -> a / b;
                case Elementwise.Maximum _ -> Math.max(a, b);
                case Elementwise.Minimum _ -> Math.min(a, b);
                case Elementwise.ReluBackward _ -> b > 0 ? a : 0;
              },
          out.dtype());
      return;
    }
    Strider left = new Strider(in.get(0).shape(), out.shape());
    Strider right = new Strider(in.get(1).shape(), out.shape());
    for (long i = 0; i < out.elems(); i++) {
      long a = Elements.getLong(in.get(0).data(), out.dtype(), left.at(i));
      long b = Elements.getLong(in.get(1).data(), out.dtype(), right.at(i));
      long value =
          switch (op) {
            case Elementwise.Add _ -> a + b;
            case Elementwise.Sub _ -> a - b;
            case Elementwise.Mul _ -> a * b;
            case Elementwise.Div _ -> a / b;
            case Elementwise.Maximum _ -> Math.max(a, b);
            case Elementwise.Minimum _ -> Math.min(a, b);
            case Elementwise.ReluBackward _ -> b > 0 ? a : 0;
          };
      Elements.setLong(out.data(), out.dtype(), i, value);
    }
  }

  private static void compare(Elementwise.Compare op, List<Tensor> in, Tensor out) {
    Tensor a = in.get(0);
    Tensor b = in.get(1);
    Strider left = new Strider(a.shape(), out.shape());
    Strider right = new Strider(b.shape(), out.shape());
    for (long i = 0; i < out.elems(); i++) {
      boolean value =
          a.dtype() == DType.I64
              ? holds(
                  op.how(),
                  Elements.getLong(a.data(), DType.I64, left.at(i)),
                  Elements.getLong(b.data(), DType.I64, right.at(i)))
              : holds(
                  op.how(),
                  Elements.get(a.data(), a.dtype(), left.at(i)),
                  Elements.get(b.data(), b.dtype(), right.at(i)));
      Elements.set(out.data(), DType.BOOL, i, value ? 1 : 0);
    }
  }

  private static boolean holds(Elementwise.Comparison how, double a, double b) {
    return switch (how) {
      case EQUAL -> a == b;
      case NOT_EQUAL -> a != b;
      case LESS -> a < b;
      case LESS_EQUAL -> a <= b;
      case GREATER -> a > b;
      case GREATER_EQUAL -> a >= b;
    };
  }

  private static boolean holds(Elementwise.Comparison how, long a, long b) {
    return switch (how) {
      case EQUAL -> a == b;
      case NOT_EQUAL -> a != b;
      case LESS -> a < b;
      case LESS_EQUAL -> a <= b;
      case GREATER -> a > b;
      case GREATER_EQUAL -> a >= b;
    };
  }

  private static void where(List<Tensor> in, Tensor out) {
    Tensor condition = in.get(0);
    Strider pick = new Strider(condition.shape(), out.shape());
    Strider left = new Strider(in.get(1).shape(), out.shape());
    Strider right = new Strider(in.get(2).shape(), out.shape());
    for (long i = 0; i < out.elems(); i++) {
      boolean first = Elements.get(condition.data(), DType.BOOL, pick.at(i)) != 0;
      Cells.copy(first ? in.get(1) : in.get(2), first ? left.at(i) : right.at(i), out, i);
    }
  }

  private static void cast(Tensor x, Tensor out) {
    boolean whole = !x.dtype().isFloat() && !out.dtype().isFloat() && out.dtype() != DType.BOOL;
    for (long i = 0; i < out.elems(); i++) {
      if (whole) {
        Elements.setLong(out.data(), out.dtype(), i, Elements.getLong(x.data(), x.dtype(), i));
      } else {
        double value = Elements.get(x.data(), x.dtype(), i);
        Elements.set(out.data(), out.dtype(), i, saturated(value, out.dtype()));
      }
    }
  }

  /// Float to integer saturates at the bounds of the type and maps NaN to 0, as in Java.
  private static double saturated(double value, DType dtype) {
    return switch (dtype) {
      case I32 -> (int) value;
      case I8 -> Math.clamp((long) value, Byte.MIN_VALUE, Byte.MAX_VALUE);
      case U8 -> Math.clamp((long) value, 0, 255);
      default -> value;
    };
  }
}
