package ibrik.tensor.op;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Fake quantisation: values are moved onto a [QuantGrid] and stay floats. Gradients are those of
/// the straight-through estimator (Bengio et al. 2013, arXiv:1308.3432): rounding counts as the
/// identity, so these rules are conventions, not derivatives of the steps.
///
/// Scales and zero points are tensors, 0-d for the whole of x or `[C]` along one `axis` of x (0 for
/// the output channels of a weight, the last for channels of an image). Everything is a fixed
/// sequence of single operations of the element type, so kernels agree bit for bit.
///
/// NaN goes to the lowest integer, infinities to the bounds; gradients are selected, never
/// multiplied, so that an infinite cotangent of a clipped element gives 0.
public sealed interface Quantize extends Op, Composite {
  /// The nearest integer, half to even; the cotangent passes unchanged.
  record StraightThroughRound() implements Quantize {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x").floating().done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      return List.of(in.getFirst().round());
    }
  }

  /// `q = clamp(round(x / s) + z, low, high)`, `xhat = (q - z) s`: inputs `x [*]`, `scale` and
  /// `zero`, each 0-d or `[C]` along `axis`; zero is rounded to an integer first. A scale must be
  /// positive for a meaning; 0 gives zeros.
  ///
  /// The gradient for x passes where the integer lay inside the bounds; those for scale and zero
  /// are in [FakeQuantizeParametersBackward].
  record FakeQuantize(QuantGrid grid, int axis) implements Quantize {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      affine(Check.of(this, in, "x", "scale", "zero"), in, axis).done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.get(0);
      Tensor scale = along(in.get(1), x, axis);
      Tensor zero = along(in.get(2), x, axis).round();
      Tensor q = saturated(steps(grid, x, scale, zero), grid);
      return List.of(q.sub(zero).mul(scale));
    }
  }

  /// The integers of [FakeQuantize] themselves, as i8: `q = clamp(round(x / s) + z, low, high)`.
  /// They have no gradient.
  record QuantizeInt8(QuantGrid grid, int axis) implements Quantize {
    /// Checks that the grid fits.
    public QuantizeInt8 {
      if (grid.low() < Byte.MIN_VALUE || grid.high() > Byte.MAX_VALUE) {
        throw new IllegalArgumentException(
            "[quantize_int8] the grid must lie in -128 ... 127; got " + grid);
      }
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      affine(Check.of(this, in, "x", "scale", "zero"), in, axis).done();
      return List.of(in.getFirst().with(DType.I8));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.get(0);
      Tensor zero = along(in.get(2), x, axis).round();
      return List.of(
          saturated(steps(grid, x, along(in.get(1), x, axis), zero), grid).cast(DType.I8));
    }
  }

  /// The gradient of [FakeQuantize] for x: inputs `x`, `scale`, `zero`, `dy`; output `dy` where the
  /// unclamped integer lies in `[low, high]`, else 0.
  record FakeQuantizeBackward(QuantGrid grid, int axis) implements Quantize {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      affineBackward(this, in, axis);
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.get(0);
      Tensor dy = in.get(3);
      Tensor zero = along(in.get(2), x, axis).round();
      Tensor r = steps(grid, x, along(in.get(1), x, axis), zero);
      return List.of(ifInside(r, grid, dy, constant(x, 0)));
    }
  }

  /// The gradients of [FakeQuantize] for all inputs: inputs `x`, `scale`, `zero`, `dy`; outputs
  /// `dx`, `dscale`, `dzero`. Inside the bounds `dscale = sum dy (xhat - x) / s`, `dzero = 0`;
  /// outside `dscale = sum dy (q - z)`, `dzero = -sum dy s`.
  ///
  /// **Source** PyTorch's learnable fake quantisation; the scale's part is that of the chain rule
  /// with rounding as the identity.
  record FakeQuantizeParametersBackward(QuantGrid grid, int axis) implements Quantize {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      affineBackward(this, in, axis);
      return List.of(in.get(0), in.get(1), in.get(2));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.get(0);
      Tensor dy = in.get(3);
      Tensor scale = along(in.get(1), x, axis);
      Tensor zero = along(in.get(2), x, axis).round();
      Tensor r = steps(grid, x, scale, zero);
      Tensor level = saturated(r, grid).sub(zero);
      Tensor off = level.mul(scale).sub(x);
      off = grid.divide() ? off.div(scale) : off.mul(scale.reciprocal());
      Tensor nothing = constant(x, 0);
      Tensor dscale = dy.mul(ifInside(r, grid, off, level));
      Tensor dzero = ifInside(r, grid, nothing, dy.mul(scale.neg()));
      return List.of(
          ifInside(r, grid, dy, nothing),
          summed(dscale, in.get(1).shape(), axis),
          summed(dzero, in.get(2).shape(), axis));
    }
  }

  /// [FakeQuantize] with parameters that training moves: the scale is held at 2^-23 or more, the
  /// zero point rounded and held in `[low, high]`. Their gradients ignore both and are multiplied
  /// with `gradientFactor` (1, or `1 / sqrt(elements * high)`).
  record LearnedFakeQuantize(QuantGrid grid, int axis, double gradientFactor) implements Quantize {
    /// Smallest scale.
    public static final double LEAST = 0x1p-23;

    /// Checks the factor.
    public LearnedFakeQuantize {
      factor("learned_fake_quantize", gradientFactor);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      affine(Check.of(this, in, "x", "scale", "zero"), in, axis).done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      return List.of(
          in.get(0).fakeQuantize(usable(in.get(1)), usable(in.get(2), grid), grid, axis));
    }

    /// The scale that is used.
    public static Tensor usable(Tensor scale) {
      return scale.clamp(LEAST, Double.POSITIVE_INFINITY);
    }

    /// The zero point that is used.
    public static Tensor usable(Tensor zero, QuantGrid grid) {
      return zero.round().clamp(grid.low(), grid.high());
    }
  }

  /// Learned step size: `q = round(clip(x / s, low, high))`, `y = q s`; inputs `x`, `scale` (0-d or
  /// `[C]` along `axis`). The grid's way is division, without zero point.
  ///
  /// **Source** Esser et al. 2020, arXiv:1902.08153, equations 1 to 3; `gradientFactor` is their `1
  /// / sqrt(N high)`.
  record LsqQuantize(QuantGrid grid, int axis, double gradientFactor) implements Quantize {
    /// Checks grid and factor.
    public LsqQuantize {
      dividing("lsq_quantize", grid);
      factor("lsq_quantize", gradientFactor);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      parameters(Check.of(this, in, "x", "scale"), in, axis, 1, "scale must be").done();
      return List.of(in.getFirst());
    }

    /// Bounds are integers, so that clipping before or after rounding is the same.
    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor scale = in.get(1);
      return List.of(in.get(0).fakeQuantize(scale, Tensors.zerosLike(scale), grid, axis));
    }
  }

  /// The gradient of [LsqQuantize]: inputs `x`, `scale`, `dy`; outputs `dx = dy` where `low < x / s
  /// < high`, else 0, and `dscale = gradientFactor sum dy t` with `t = round(x / s) - x / s` there
  /// and the bound outside.
  record LsqQuantizeBackward(QuantGrid grid, int axis, double gradientFactor) implements Quantize {
    /// Checks grid and factor.
    public LsqQuantizeBackward {
      dividing("lsq_quantize_backward", grid);
      factor("lsq_quantize_backward", gradientFactor);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      parameters(Check.of(this, in, "x", "scale", "dy"), in, axis, 1, "scale must be")
          .rule(in.get(0).equals(in.get(2)), "x and dy must have one type and shape")
          .done();
      return List.of(in.get(0), in.get(1));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.get(0);
      Tensor dy = in.get(2);
      Tensor r = x.div(along(in.get(1), x, axis));
      Tensor q = saturated(r.round(), grid);
      Tensor nothing = constant(x, 0);
      Tensor low = constant(x, grid.low());
      Tensor high = constant(x, grid.high());
      Tensor dx = r.greater(low).where(r.less(high).where(dy, nothing), nothing);
      Tensor t = r.greater(low).where(r.less(high).where(q.sub(r), q), q);
      return List.of(dx, summed(dy.mul(t), in.get(1).shape(), axis).mul(gradientFactor));
    }
  }

  /// Parameterised clipping of activations: `y = clip(x, 0, a)` on `levels + 1` values, `round(y
  /// levels / a) a / levels`, from left to right; inputs `x`, `alpha` (0-d, positive).
  ///
  /// **Source** Choi et al. 2018, arXiv:1805.06085, equations 1 and 2.
  record PactQuantize(int levels) implements Quantize {
    /// Checks the levels.
    public PactQuantize {
      checkLevels("pact_quantize", levels);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      pact(Check.of(this, in, "x", "alpha")).done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.get(0);
      Tensor a = in.get(1);
      Tensor nothing = constant(x, 0);
      Tensor most = constant(x, levels);
      Tensor y = x.greater(nothing).where(x.less(a).where(x, a), nothing);
      return List.of(y.mul(most).div(a).round().mul(a).div(most));
    }
  }

  /// The gradient of [PactQuantize]: inputs `x`, `alpha`, `dy`; outputs `dx = dy` where `0 <= x <
  /// alpha`, else 0, and `dalpha = sum dy` where `x >= alpha`.
  record PactQuantizeBackward() implements Quantize {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      pact(Check.of(this, in, "x", "alpha", "dy"))
          .rule(in.get(0).equals(in.get(2)), "x and dy must have one type and shape")
          .done();
      return List.of(in.get(0), in.get(1));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.get(0);
      Tensor a = in.get(1);
      Tensor dy = in.get(2);
      Tensor nothing = constant(x, 0);
      return List.of(
          x.greaterEqual(nothing).where(x.less(a).where(dy, nothing), nothing),
          x.greaterEqual(a).where(dy, nothing).sum());
    }
  }

  // ---- the steps that the compositions share ----

  /// The integers before clamping.
  private static Tensor steps(QuantGrid grid, Tensor x, Tensor scale, Tensor zero) {
    Tensor ratio = grid.divide() ? x.div(scale) : x.mul(scale.reciprocal());
    return grid.zeroBeforeRound() ? ratio.add(zero).round() : ratio.round().add(zero);
  }

  /// `r` held in the grid; NaN becomes the lowest.
  private static Tensor saturated(Tensor r, QuantGrid grid) {
    Tensor low = constant(r, grid.low());
    Tensor high = constant(r, grid.high());
    return r.greater(low).where(r.less(high).where(r, high), low);
  }

  private static Tensor ifInside(Tensor r, QuantGrid grid, Tensor inside, Tensor outside) {
    return r.greaterEqual(constant(r, grid.low()))
        .where(r.lessEqual(constant(r, grid.high())).where(inside, outside), outside);
  }

  private static Tensor constant(Tensor like, double value) {
    return Tensors.full(like.spec().with(Shape.of()), value, like.device());
  }

  /// A parameter so shaped that it broadcasts along `axis` of x.
  private static Tensor along(Tensor parameter, Tensor x, int axis) {
    if (parameter.rank() == 0) {
      return parameter;
    }
    long[] dims = new long[x.rank()];
    Arrays.fill(dims, 1);
    dims[axis] = parameter.elems();
    return parameter.reshape(Shape.of(dims));
  }

  /// The sum over what one parameter serves.
  private static Tensor summed(Tensor each, Shape parameter, int axis) {
    return each.sum(
        IntStream.range(0, each.rank())
            .filter(i -> parameter.rank() == 0 || i != axis)
            .boxed()
            .toList(),
        false);
  }

  // ---- checks ----

  private static Check affine(Check check, List<TensorSpec> in, int axis) {
    return parameters(check, in, axis, 2, "scale and zero must each be");
  }

  private static void affineBackward(Op op, List<TensorSpec> in, int axis) {
    affine(Check.of(op, in, "x", "scale", "zero", "dy"), in, axis)
        .rule(in.get(0).equals(in.get(3)), "x and dy must have one type and shape")
        .done();
  }

  private static Check parameters(
      Check check, List<TensorSpec> in, int axis, int count, String which) {
    check.floating().sameType(0, 1);
    if (count == 2) {
      check.sameType(0, 2);
    }
    Shape x = in.getFirst().shape();
    List<Shape> given = in.subList(1, 1 + count).stream().map(TensorSpec::shape).toList();
    boolean whole = given.stream().allMatch(shape -> shape.rank() == 0);
    boolean exists = axis >= 0 && axis < x.rank();
    check.rule(whole || exists, "axis " + axis + " of x must exist (not negative)");
    if (!whole && exists) {
      Shape channels = Shape.of(x.dim(axis));
      check.rule(
          given.stream().allMatch(shape -> shape.rank() == 0 || shape.equals(channels)),
          which + " 0-d or " + channels + ", axis " + axis + " of x");
    }
    return check;
  }

  private static Check pact(Check check) {
    return check.floating().sameType(0, 1).rank(1, 0);
  }

  private static void factor(String tag, double factor) {
    if (!(factor > 0)) {
      throw new IllegalArgumentException(
          "[" + tag + "] gradientFactor must be positive; got " + factor);
    }
  }

  private static void checkLevels(String tag, int levels) {
    if (levels < 1 || levels > 1 << 20) {
      throw new IllegalArgumentException(
          "[" + tag + "] levels must be in 1 ... " + (1 << 20) + "; got " + levels);
    }
  }

  private static void dividing(String tag, QuantGrid grid) {
    if (!grid.divide() || grid.zeroBeforeRound()) {
      throw new IllegalArgumentException(
          "["
              + tag
              + "] the grid must divide and has no zero point; got "
              + grid
              + "; call dividing()");
    }
  }
}
