package ibrik.nn.quant;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.QuantGrid;

/// The constants of learned step size quantisation, for `lsqQuantize`.
///
/// **Source** Esser et al. 2020, arXiv:1902.08153, section 2.
public final class Lsq {
  private Lsq() {}

  /// Where a scale starts: `2 mean |x| / sqrt(high)`, 0-d, cut off from gradients.
  public static Tensor initialScale(Tensor x, QuantGrid grid) {
    return x.abs().mean().mul(2 / Math.sqrt(grid.high())).detach();
  }

  /// The factor of the scale's gradient: `1 / sqrt(count high)`.
  ///
  /// @param count weights of the layer, or features of one sample for activations
  /// @throws IllegalArgumentException if count is not positive
  public static double gradientFactor(long count, QuantGrid grid) {
    if (count < 1) {
      throw new IllegalArgumentException("[lsq] count must be positive; got " + count);
    }
    return 1 / Math.sqrt((double) count * grid.high());
  }
}
