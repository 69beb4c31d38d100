package ibrik.tensor.op;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.exec.Interpreter;
import java.util.List;
import java.util.stream.IntStream;

/// Networks of -1 and 1: signs with surrogate gradients, and the activations around them. Gradients
/// of signs are conventions, not derivatives; they are selected, never multiplied with a mask, so
/// that an infinite cotangent outside a mask gives 0.
public sealed interface Binary extends Op, Composite {
  /// What the sign of zero is.
  enum Signs {
    /// -1 below 0, else 1: also for both zeros and NaN. The rule of packed kernels.
    SIGN2,
    /// -1, 0 or 1; NaN stays. For floats only.
    SIGN3
  }

  /// What stands for the derivative of the sign.
  enum Surrogate {
    /// 1 where `|x| <= 1` (Courbariaux et al. 2016, arXiv:1602.02830).
    CLIP,
    /// 1 everywhere.
    IDENTITY,
    /// `2 - 2 |x|` where `|x| < 1` (Liu et al. 2018, arXiv:1808.00278, equation 7).
    APPROX,
    /// `beta (2 - beta x tanh(beta x / 2)) / (1 + cosh(beta x))` with beta 5 (Darabi et al. 2018,
    /// arXiv:1812.11800).
    SWISH;

    /// The slope of [#SWISH] at 0 is beta.
    public static final double BETA = 5;

    /// Where `beta |x|` exceeds this, the slope of [#SWISH] is 0: below 1e-40.
    public static final double SWISH_END = 100;

    /// `dy` times the surrogate at `x`.
    Tensor pass(Tensor x, Tensor dy) {
      Tensor nothing = constant(x, 0);
      return switch (this) {
        case IDENTITY -> dy.reshape(dy.shape()); // a view: an output is a tensor of its own
        case CLIP -> x.abs().lessEqual(constant(x, 1)).where(dy, nothing);
        case APPROX -> {
          Tensor size = x.abs();
          yield size.less(constant(x, 1)).where(dy.mul(size.mul(-2).add(2)), nothing);
        }
        case SWISH -> {
          // With u = beta |x| and e = e^-u nothing overflows and nothing cancels.
          Tensor u = x.abs().mul(BETA);
          Tensor e = u.neg().exp();
          Tensor sum = e.add(1);
          Tensor bend = u.mul(e.neg().add(1)).div(sum).neg().add(2);
          Tensor slope = bend.mul(e.mul(2 * BETA)).div(sum.square());
          yield u.less(constant(x, SWISH_END)).where(dy.mul(slope), nothing);
        }
      };
    }
  }

  /// How a gradient G at the binarised weights `alpha_o sign(w)` becomes one of the latent weights
  /// w; n is the number of weights of one filter.
  enum WeightGradient {
    /// `G` where `|w| <= 1`, without alpha (Liu et al. 2020, arXiv:2003.03488, as released).
    REACTNET,
    /// `G alpha` (Kim and Choi 2022, arXiv:2110.08851, as released).
    BURN,
    /// `G (1/n + alpha 1[|w| <= 1])` (Rastegari et al. 2016, arXiv:1603.05279, section 3.1).
    XNOR,
    /// `sign(w)/n sum G sign(w) + alpha G 1[|w| <= 1]`: the chain rule with the clipped sign.
    EXACT
  }

  /// The sign of each element.
  record SignBinarize(Signs signs, Surrogate surrogate) implements Binary {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x").floating().done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      return List.of(signOf(in.getFirst(), signs));
    }
  }

  /// The gradient of [SignBinarize]: inputs `x`, `dy`; output `dy` times the surrogate at x.
  record SignBinarizeBackward(Surrogate surrogate) implements Binary {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x", "dy")
          .floating()
          .rule(in.get(0).equals(in.get(1)), "x and dy must have one type and shape")
          .done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      return List.of(surrogate.pass(in.get(0), in.get(1)));
    }
  }

  /// The sign with a threshold per channel, `sign(x + shift)`: inputs `x [*,C]`, `shift [C]`.
  ///
  /// **Source** Liu et al. 2020, arXiv:2003.03488, equation 4, with `shift = -alpha`.
  record RSign(Signs signs, Surrogate surrogate) implements Binary {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      channels(Check.of(this, in, "x", "shift"), in, "shift must be", 1);
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      return List.of(signOf(in.get(0).add(in.get(1)), signs));
    }
  }

  /// The gradient of [RSign]: inputs `x`, `shift`, `dy`; outputs `dx`, the surrogate's, and
  /// `dshift`, its sum per channel.
  record RSignBackward(Surrogate surrogate) implements Binary {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x", "shift", "dy");
      check.rule(in.get(0).equals(in.get(2)), "x and dy must have one type and shape");
      channels(check, in, "shift must be", 1);
      return List.of(in.get(0), in.get(1));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor dx = passed(in.get(0).add(in.get(1)), in.get(2), surrogate);
      return List.of(dx, dx.sum(allButLast(dx), false));
    }
  }

  /// A leaky rectifier with learned kink: `t = x + before`, `y = (t > 0 ? t : slope t) + after`;
  /// inputs `x [*,C]`, `before`, `slope`, `after`, all `[C]`.
  ///
  /// **Source** Liu et al. 2020, arXiv:2003.03488, equation 5, with `before = -gamma`.
  record RPRelu() implements Binary {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      channels(
          Check.of(this, in, "x", "before", "slope", "after"),
          in,
          "before, slope and after must be",
          3);
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor t = in.get(0).add(in.get(1));
      return List.of(t.greater(constant(t, 0)).where(t, t.mul(in.get(2))).add(in.get(3)));
    }
  }

  /// The gradient of [RPRelu]: inputs `x`, `before`, `slope`, `dy`; outputs `dx`, `dbefore`,
  /// `dslope`, `dafter`.
  record RPReluBackward() implements Binary {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x", "before", "slope", "dy");
      check.rule(in.get(0).equals(in.get(3)), "x and dy must have one type and shape");
      channels(check, in, "before and slope must be", 2);
      return List.of(in.get(0), in.get(1), in.get(1), in.get(1));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor dy = in.get(3);
      Tensor t = in.get(0).add(in.get(1));
      Tensor nothing = constant(t, 0);
      Tensor above = t.greater(nothing);
      Tensor dx = above.where(dy, dy.mul(in.get(2)));
      List<Integer> axes = allButLast(t);
      return List.of(
          dx,
          dx.sum(axes, false),
          above.where(nothing, dy.mul(t)).sum(axes, false),
          dy.sum(axes, false));
    }
  }

  /// Weights as signs times one scale per filter: `alpha_o sign(w)` with `alpha_o = mean |w_o|`;
  /// input `w [O,*]`.
  record BinarizeWeights(Signs signs, WeightGradient gradient) implements Binary {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      filters(Check.of(this, in, "w"), in).done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor w = in.getFirst();
      return List.of(w.signBinarize(signs, Surrogate.CLIP).mul(alpha(w)));
    }
  }

  /// The gradient of [BinarizeWeights]: inputs `w`, `dy`; output by the convention.
  record BinarizeWeightsBackward(Signs signs, WeightGradient gradient) implements Binary {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      filters(Check.of(this, in, "w", "dy"), in)
          .rule(in.get(0).equals(in.get(1)), "w and dy must have one type and shape")
          .done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor w = in.get(0);
      Tensor dy = in.get(1);
      double n = (double) w.elems() / w.dim(0);
      return List.of(
          switch (gradient) {
            case REACTNET -> clipped(w, dy);
            case BURN -> dy.mul(alpha(w));
            case XNOR -> dy.mul(1 / n).add(clipped(w, dy).mul(alpha(w)));
            case EXACT -> {
              Tensor sign = w.detach().signBinarize(signs, Surrogate.CLIP); // flat here
              Tensor along = dy.mul(sign).sum(allButFirst(w), true).mul(1 / n);
              yield sign.mul(along).add(clipped(w, dy).mul(alpha(w)));
            }
          });
    }

    private static Tensor clipped(Tensor w, Tensor dy) {
      return passed(w, dy, Surrogate.CLIP);
    }
  }

  // ---- signs in bits ----

  /// What lies outside a packed image: a bit cannot be zero.
  enum Outside {
    /// Nothing: taps outside do not count, as in a convolution of floats with zero padding.
    ZERO,
    /// 1.
    ONE,
    /// -1.
    MINUS
  }

  /// Signs of [Signs#SIGN2] in bits, 1 for negative: input `x [*,C]`, output i32 `[*,words]` with
  /// `words = ceil(C / 32)`.
  ///
  /// ```
  /// word j:  bit 31 ........ 1 0     channel 32j + i in bit i;
  ///          channel 32j+31 .. 32j   bits past the last channel are 0
  /// ```
  record PackSigns() implements Binary {
    /// Words of 32 bits that hold `channels` signs.
    public static long words(long channels) {
      return Math.ceilDiv(channels, (long) Integer.SIZE);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Shape x = in.isEmpty() ? Shape.of() : in.getFirst().shape();
      Check.of(this, in, "x")
          .floating()
          .rule(x.rank() >= 1, "x must have at least one axis")
          .done();
      return List.of(new TensorSpec(DType.I32, x.with(x.rank() - 1, words(x.dim(-1)))));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.getFirst();
      long words = words(x.dim(-1));
      Tensor bits = x.less(constant(x, 0)).cast(DType.I64).pad(-1, 0, words * 32 - x.dim(-1));
      Tensor places = bits.reshape(split(x.shape(), words)).mul(powers(x));
      return List.of(places.sum(List.of(-1), false).cast(DType.I32));
    }
  }

  /// The inverse of [PackSigns]: input i32 `[*,words]`, output `[*,channels]` of -1 and 1.
  record UnpackSigns(long channels, DType dtype) implements Binary {
    /// Checks the channels.
    public UnpackSigns {
      atLeastOne("unpack_signs", channels);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "words").type(0, DType.I32);
      Shape words = in.getFirst().shape();
      check
          .rule(dtype.isFloat(), "the signs must be floating point, not " + dtype)
          .rule(
              words.rank() >= 1 && words.dim(-1) == PackSigns.words(channels),
              "the last axis must have "
                  + PackSigns.words(channels)
                  + " words for "
                  + channels
                  + " channels")
          .done();
      return List.of(new TensorSpec(dtype, words.with(words.rank() - 1, channels)));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor signed = in.getFirst().cast(DType.I64);
      Tensor turn = integer(signed, 1L << 32);
      Tensor word = signed.less(integer(signed, 0)).where(signed.add(turn), signed);
      long words = signed.dim(-1);
      Tensor two = integer(signed, 2);
      Tensor up = word.reshape(column(signed.shape())).div(powers(signed));
      Tensor bits = up.sub(up.div(two).mul(two));
      Tensor flat = bits.reshape(signed.shape().with(signed.rank() - 1, words * 32));
      return List.of(flat.narrow(-1, 0, channels).cast(dtype).mul(-2).add(1));
    }
  }

  /// Convolution of packed signs: inputs `x` i32 `[N,H,W,words]`, `w` i32 `[O,R,S,words]`, `alpha
  /// [O]`; output `alpha_o dot` `[N,P,Q,O]` of alpha's type, where `dot` is the sum of products of
  /// the signs: `channels taps - 2 popcount(x xor w)`. Exact up to the product with alpha. Bits
  /// past the last channel must be 0 in both, as [PackSigns] leaves them.
  ///
  /// **Source** Rastegari et al. 2016, arXiv:1603.05279, without the scale K of the inputs.
  record XnorConv2d(Conv2dGeometry geometry, long channels, Outside outside) implements Binary {
    /// Sums up to here are exact in f32.
    private static final long LIMIT = 1L << 24;

    /// Checks the channels.
    public XnorConv2d {
      atLeastOne("xnor_conv2d", channels);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check =
          Check.of(this, in, "x", "w", "alpha")
              .type(0, DType.I32)
              .type(1, DType.I32)
              .floating(2)
              .rank(0, 4)
              .rank(1, 4)
              .rank(2, 1);
      check.rule(geometry.groups() == 1, "groups must be 1").done();
      Shape x = in.get(0).shape();
      Shape w = in.get(1).shape();
      long words = PackSigns.words(channels);
      long p = geometry.outHeight(x.dim(1), w.dim(1));
      long q = geometry.outWidth(x.dim(2), w.dim(2));
      check
          .rule(
              x.dim(3) == words && w.dim(3) == words,
              "x and w must have " + words + " words for " + channels + " channels")
          .rule(in.get(2).shape().dim(0) == w.dim(0), "alpha must have one number per filter of w")
          .rule(
              channels * w.dim(1) * w.dim(2) <= LIMIT,
              "channels times taps must not exceed " + LIMIT)
          .rule(
              p > 0 && q > 0,
              "padded image must not be smaller than the dilated kernel",
              "add padding or use a smaller kernel")
          .done();
      return List.of(in.get(2).with(Shape.of(x.dim(0), p, q, w.dim(0))));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      DType type = in.get(2).dtype();
      Tensor x = unpacked(in.get(0), channels, type);
      Tensor w = unpacked(in.get(1), channels, type);
      if (outside == Outside.ZERO) {
        return List.of(x.conv2d(w, geometry).mul(in.get(2)));
      }
      double value = outside == Outside.ONE ? 1 : -1;
      int high = geometry.padHeight();
      int wide = geometry.padWidth();
      Tensor padded = x.sub(value).pad(1, high, high).pad(2, wide, wide).add(value);
      Conv2dGeometry bare =
          new Conv2dGeometry(
              geometry.strideHeight(),
              geometry.strideWidth(),
              0,
              0,
              geometry.dilationHeight(),
              geometry.dilationWidth(),
              1);
      return List.of(padded.conv2d(w, bare).mul(in.get(2)));
    }
  }

  private static Tensor unpacked(Tensor words, long channels, DType dtype) {
    return Interpreter.current().apply1(new UnpackSigns(channels, dtype), List.of(words));
  }

  /// `1, 2, 4, ..., 2^31`.
  private static Tensor powers(Tensor like) {
    long[] powers = new long[Integer.SIZE];
    for (int i = 0; i < powers.length; i++) {
      powers[i] = 1L << i;
    }
    return Tensor.of(powers, powers.length).to(like.device());
  }

  private static Tensor integer(Tensor like, long value) {
    return Tensor.of(new long[] {value}, 1).to(like.device());
  }

  /// `[*,C]` with the last axis as words of 32.
  private static Shape split(Shape x, long words) {
    long[] dims = java.util.Arrays.copyOf(x.dims(), x.rank() + 1);
    dims[x.rank() - 1] = words;
    dims[x.rank()] = Integer.SIZE;
    return Shape.of(dims);
  }

  /// The same with an axis of 1 behind.
  private static Shape column(Shape x) {
    long[] dims = java.util.Arrays.copyOf(x.dims(), x.rank() + 1);
    dims[x.rank()] = 1;
    return Shape.of(dims);
  }

  // ---- what the compositions share ----

  private static Tensor signOf(Tensor x, Signs signs) {
    if (signs == Signs.SIGN3) {
      return x.sign();
    }
    return x.less(constant(x, 0)).where(constant(x, -1), constant(x, 1));
  }

  private static Tensor passed(Tensor x, Tensor dy, Surrogate surrogate) {
    return Interpreter.current().apply1(new SignBinarizeBackward(surrogate), List.of(x, dy));
  }

  /// The mean magnitude of each filter, so shaped that it broadcasts.
  private static Tensor alpha(Tensor w) {
    return w.abs().mean(allButFirst(w), true);
  }

  private static Tensor constant(Tensor like, double value) {
    return Tensors.full(like.spec().with(Shape.of()), value, like.device());
  }

  private static List<Integer> allButLast(Tensor x) {
    return IntStream.range(0, x.rank() - 1).boxed().toList();
  }

  private static List<Integer> allButFirst(Tensor w) {
    return IntStream.range(1, w.rank()).boxed().toList();
  }

  // ---- checks ----

  private static void channels(Check check, List<TensorSpec> in, String which, int count) {
    check
        .floating()
        .rule(in.getFirst().shape().rank() >= 1, "x must have at least one axis")
        .done();
    TensorSpec channels = in.getFirst().with(Shape.of(in.getFirst().shape().dim(-1)));
    check
        .rule(
            in.subList(1, 1 + count).stream().allMatch(channels::equals),
            which + " " + channels + ", as the last axis of x")
        .done();
  }

  private static void atLeastOne(String tag, long channels) {
    if (channels < 1) {
      throw new IllegalArgumentException(
          "[" + tag + "] channels must be at least 1; got " + channels);
    }
  }

  private static Check filters(Check check, List<TensorSpec> in) {
    Shape w = in.getFirst().shape();
    return check
        .floating()
        .rule(w.rank() >= 2, "w must have at least 2 axes, the first one the filters")
        .rule(w.elems() > 0, "w must not be empty: no mean over no elements");
  }
}
