package ibrik.nn.quant;

import ibrik.tensor.Tensor;
import java.util.Arrays;

/// Extremes without the outliers: of each tensor the `k = int(fraction n + 1/2)` largest magnitudes
/// but the last are cut off, so that the k-th largest bounds the range; the extremes of what is
/// left are kept over all tensors. With k below 2 nothing is cut off.
///
/// **Source** Cao et al. 2022, arXiv:2207.05432, as released (fraction 1e-4).
public final class PercentileObserver extends Observer {
  private final double fraction;
  private float min = Float.POSITIVE_INFINITY;
  private float max = Float.NEGATIVE_INFINITY;

  /// @param fraction of the numbers to cut off, in [0, 1)
  public PercentileObserver(double fraction) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw new IllegalArgumentException("[observer] fraction must be in [0, 1); got " + fraction);
    }
    this.fraction = fraction;
  }

  @Override
  void see(Tensor x) {
    float[] sizes = x.abs().toFloats();
    Arrays.sort(sizes);
    int k = (int) (fraction * sizes.length + 0.5);
    float bound = sizes[sizes.length - Math.max(1, k)];
    min = Math.min(min, Math.max((float) x.min().item(), -bound));
    max = Math.max(max, Math.min((float) x.max().item(), bound));
  }

  @Override
  public Range range() {
    return Range.whole(min, max);
  }

  @Override
  public void reset() {
    min = Float.POSITIVE_INFINITY;
    max = Float.NEGATIVE_INFINITY;
  }
}
