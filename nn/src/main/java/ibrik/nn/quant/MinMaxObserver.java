package ibrik.nn.quant;

import ibrik.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/// The smallest and largest numbers of all tensors seen, or their moving average; for a whole
/// tensor or per channel of one axis.
///
/// **Source** PyTorch's observers; the average is `m += rate (new - m)` from the first tensor on.
public final class MinMaxObserver extends Observer {
  private static final int WHOLE = -1;

  private final int axis;
  private final float rate;
  private float[] min = {};
  private float[] max = {};

  private MinMaxObserver(int axis, float rate) {
    this.axis = axis;
    this.rate = rate;
  }

  /// Extremes of whole tensors.
  public static MinMaxObserver whole() {
    return new MinMaxObserver(WHOLE, 0);
  }

  /// Extremes per channel along `axis` (not negative).
  public static MinMaxObserver perChannel(int axis) {
    if (axis < 0) {
      throw new IllegalArgumentException("[observer] axis must not be negative; got " + axis);
    }
    return new MinMaxObserver(axis, 0);
  }

  /// This kind of observer, but averaging with `rate` in (0, 1]; PyTorch's default is 0.01.
  public MinMaxObserver moving(double rate) {
    if (!(rate > 0 && rate <= 1)) {
      throw new IllegalArgumentException("[observer] rate must be in (0, 1]; got " + rate);
    }
    return new MinMaxObserver(axis, (float) rate);
  }

  @Override
  void see(Tensor x) {
    List<Integer> axes = IntStream.range(0, x.rank()).filter(i -> i != axis).boxed().toList();
    float[] low = x.min(axes, false).toFloats();
    float[] high = x.max(axes, false).toFloats();
    if (min.length == 0) {
      min = low;
      max = high;
      return;
    }
    if (low.length != min.length) {
      throw new IllegalArgumentException(
          "[observer] x must have "
              + min.length
              + " channels along axis "
              + axis
              + "; got x: "
              + x.spec());
    }
    for (int c = 0; c < low.length; c++) {
      min[c] = rate == 0 ? Math.min(min[c], low[c]) : min[c] + rate * (low[c] - min[c]);
      max[c] = rate == 0 ? Math.max(max[c], high[c]) : max[c] + rate * (high[c] - max[c]);
    }
  }

  @Override
  public Range range() {
    float[] low = min.length == 0 ? new float[] {Float.POSITIVE_INFINITY} : min;
    float[] high = min.length == 0 ? new float[] {Float.NEGATIVE_INFINITY} : max;
    return axis == WHOLE ? Range.whole(low[0], high[0]) : Range.perChannel(low, high);
  }

  @Override
  public void reset() {
    min = new float[] {};
    max = new float[] {};
  }
}
