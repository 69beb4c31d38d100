package ibrik.nn.quant;

import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.Tensors;

/// The quantisers of DoReFa-Net, with gradients that pass through the rounding unchanged.
///
/// **Source** Zhou et al. 2016, arXiv:1606.06160, equations 8 to 11.
public final class DoReFa {
  private DoReFa() {}

  /// Weights in `[-1, 1]` on `2^bits` values: `2 round(r n) / n - 1` with `r = tanh(w) / (2 max
  /// |tanh w|) + 1/2` and `n = 2^bits - 1`. One bit: `sign(w)` times the mean of `|w|` over all.
  ///
  /// @throws IllegalArgumentException if bits is not in 1 ... 8
  public static Tensor weights(Tensor w, int bits) {
    double n = levels(bits);
    if (bits == 1) {
      return oneBit(w);
    }
    Tensor t = w.tanh();
    Tensor r = t.div(t.abs().max().mul(2)).add(0.5);
    return onGrid(r, n).mul(2).sub(1);
  }

  /// Activations: `clip(x, 0, 1)` on `2^bits` values.
  ///
  /// @throws IllegalArgumentException if bits is not in 1 ... 8
  public static Tensor activations(Tensor x, int bits) {
    return onGrid(x.clamp(0, 1), levels(bits));
  }

  /// The sign passes gradients as the identity does; the mean counts as a constant.
  private static Tensor oneBit(Tensor w) {
    Tensor scale = w.abs().mean().detach();
    Tensor zero = Tensors.zerosLike(scale);
    Tensor sign = w.detach().less(zero).where(scale.neg(), scale);
    return w.sub(w.detach()).add(sign); // exact: the difference is 0
  }

  /// A true division: `n` times the reciprocal of `n` need not be 1.
  private static Tensor onGrid(Tensor unit, double n) {
    Tensor levels = Tensors.full(unit.spec().with(Shape.of()), n, unit.device());
    return unit.mul(levels).straightThroughRound().div(levels);
  }

  private static double levels(int bits) {
    if (bits < 1 || bits > 8) {
      throw new IllegalArgumentException("[dorefa] bits must be in 1 ... 8; got " + bits);
    }
    return (1 << bits) - 1;
  }
}
