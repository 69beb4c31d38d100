package ibrik.tensor.op;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import java.util.List;

/// Inference in integers: products of i8 summed in i32, and the way back to i8. Nothing is rounded
/// but in [Requantize], so all backends agree bit for bit. There are no gradients.
///
/// A number x stands for `(x - zero) scale`: activations have one zero point and one scale, weights
/// have zero point 0 and one scale per output channel.
public sealed interface IntegerOp extends Op {
  /// Longest sum: `255 * 128 * 65793` still fits in i32, whatever the numbers.
  long LONGEST = 65_793;

  /// `sum_k (x[*,k] - zero) w[n,k]`: inputs `x [*,K]`, `w [N,K]`, both i8; output i32 `[*,N]`.
  record IntMatMul(int zero) implements IntegerOp {
    /// Checks the zero point.
    public IntMatMul {
      inRange("int_mat_mul", "zero", zero);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x", "w").type(0, DType.I8).type(1, DType.I8).rank(1, 2);
      Shape x = in.get(0).shape();
      check.rule(x.rank() >= 1, "x must have at least one axis").done();
      Shape w = in.get(1).shape();
      check
          .rule(x.dim(-1) == w.dim(1), "the last extents of x and w must be equal")
          .rule(w.dim(1) <= LONGEST, "sums must not be longer than " + LONGEST)
          .done();
      return List.of(new TensorSpec(DType.I32, x.with(-1, w.dim(0))));
    }
  }

  /// Convolution of `x - zero`, so that padding means 0: inputs `x [N,H,W,C]`, `w [K,R,S,C]`, both
  /// i8; output i32 `[N,P,Q,K]`.
  record IntConv2d(Conv2dGeometry geometry, int zero) implements IntegerOp {
    /// Checks the zero point.
    public IntConv2d {
      inRange("int_conv2d", "zero", zero);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x", "w").type(0, DType.I8).type(1, DType.I8);
      check.rank(0, 4).rank(1, 4).rule(geometry.groups() == 1, "groups must be 1").done();
      Shape x = in.get(0).shape();
      Shape w = in.get(1).shape();
      long p = geometry.outHeight(x.dim(1), w.dim(1));
      long q = geometry.outWidth(x.dim(2), w.dim(2));
      check
          .rule(x.dim(3) == w.dim(3), "channels of x must be those of w")
          .rule(
              w.dim(1) * w.dim(2) * w.dim(3) <= LONGEST, "sums must not be longer than " + LONGEST)
          .rule(
              p > 0 && q > 0,
              "padded image must not be smaller than the dilated kernel",
              "add padding or use a smaller kernel")
          .done();
      return List.of(new TensorSpec(DType.I32, Shape.of(x.dim(0), p, q, w.dim(0))));
    }
  }

  /// `clamp(round((sum + bias) multiplier / 2^shift) + zero, low, high)`, exact and half to even:
  /// inputs `sum [*,C]`, `bias [C]`, `multiplier [C]` (at least 0), `shift [C]` (0 ... 62), all
  /// i32; output i8. `sum + bias` wraps in i32. With `low = zero` it is a rectifier as well.
  ///
  /// **Source** the fixed-point form of Jacob et al. 2018, arXiv:1712.05877, section 2.2, but
  /// rounded half to even, as everything here, where theirs rounds half up.
  record Requantize(int zero, int low, int high) implements IntegerOp {
    /// Checks zero point and bounds.
    public Requantize {
      inRange("requantize", "zero", zero);
      inRange("requantize", "low", low);
      inRange("requantize", "high", high);
      if (low > high) {
        throw new IllegalArgumentException(
            "[requantize] low must not exceed high; got " + low + " and " + high);
      }
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "sum", "bias", "multiplier", "shift").type(0, DType.I32);
      check.rule(in.getFirst().shape().rank() >= 1, "sum must have at least one axis").done();
      TensorSpec channels = in.getFirst().with(Shape.of(in.getFirst().shape().dim(-1)));
      check
          .rule(
              in.stream().skip(1).allMatch(channels::equals),
              "bias, multiplier and shift must be " + channels + ", the last axis of sum")
          .done();
      return List.of(in.getFirst().with(DType.I8));
    }

    /// One element.
    public byte apply(int sum, int bias, int multiplier, int shift) {
      long product = (long) (sum + bias) * multiplier;
      long whole = product >> shift;
      long rest = product - (whole << shift); // from 0 to 2^shift - 1
      long half = shift == 0 ? 1 : 1L << (shift - 1);
      long up = rest > half || (rest == half && (whole & 1) == 1) ? 1 : 0;
      return (byte) Math.clamp(whole + up + zero, low, high);
    }
  }

  /// Integers of 4 bits, eight to a word: i8 `[*,K]` to i32 `[*, ceil(K / 8)]`. Word j holds
  /// elements `8j ... 8j + 7`, the first in the lowest bits, in two's complement; of each the lower
  /// 4 bits are kept, so they should lie in -8 ... 7. Bits past the end are 0.
  record PackInt4() implements IntegerOp {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x").type(0, DType.I8);
      check.rule(in.getFirst().shape().rank() >= 1, "x must have at least one axis").done();
      Shape x = in.getFirst().shape();
      return List.of(new TensorSpec(DType.I32, x.with(-1, Math.ceilDiv(x.dim(-1), 8L))));
    }
  }

  /// The first `count` integers of each row of words that [PackInt4] made: i32 `[*,W]` to i8
  /// `[*,count]`.
  record UnpackInt4(long count) implements IntegerOp {
    /// Checks the count.
    public UnpackInt4 {
      if (count < 0) {
        throw new IllegalArgumentException(
            "[unpack_int4] count must not be negative; got " + count);
      }
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "words").type(0, DType.I32);
      check.rule(in.getFirst().shape().rank() >= 1, "words must have at least one axis").done();
      Shape words = in.getFirst().shape();
      long needed = Math.ceilDiv(count, 8L);
      check
          .rule(
              words.dim(-1) == needed,
              "words must have " + needed + " along the last axis for " + count + " integers")
          .done();
      return List.of(new TensorSpec(DType.I8, words.with(-1, count)));
    }
  }

  private static void inRange(String tag, String name, int value) {
    if (value < Byte.MIN_VALUE || value > Byte.MAX_VALUE) {
      throw new IllegalArgumentException(
          "[" + tag + "] " + name + " must be in -128 ... 127; got " + value);
    }
  }
}
