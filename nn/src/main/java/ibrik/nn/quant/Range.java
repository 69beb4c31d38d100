package ibrik.nn.quant;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.op.QuantGrid;
import java.util.function.IntToDoubleFunction;

/// The smallest and the largest number seen, for a whole tensor or per channel, and the scales and
/// zero points that follow from them. All in f32, rounded half to even.
public final class Range {
  private static final float LEAST = 0x1p-23f;

  private final float[] min;
  private final float[] max;
  private final boolean perChannel;

  private Range(float[] min, float[] max, boolean perChannel) {
    this.min = min.clone();
    this.max = max.clone();
    this.perChannel = perChannel;
  }

  /// One range for a whole tensor.
  public static Range whole(float min, float max) {
    return new Range(new float[] {min}, new float[] {max}, false);
  }

  /// One range per channel.
  ///
  /// @throws IllegalArgumentException if the lengths differ
  public static Range perChannel(float[] min, float[] max) {
    if (min.length != max.length) {
      throw new IllegalArgumentException(
          "[range] min and max must have one length; got " + min.length + " and " + max.length);
    }
    return new Range(min, max, true);
  }

  /// Number of ranges: 1 for a whole tensor.
  public int count() {
    return min.length;
  }

  /// The smallest number of `channel`.
  public float min(int channel) {
    return min[channel];
  }

  /// The largest number of `channel`.
  public float max(int channel) {
    return max[channel];
  }

  /// This range, every end times `factor`.
  Range scaled(float factor) {
    float[] low = min.clone();
    float[] high = max.clone();
    for (int i = 0; i < low.length; i++) {
      low[i] *= factor;
      high[i] *= factor;
    }
    return new Range(low, high, perChannel);
  }

  /// Scales and zero points as tensors for `fakeQuantize`: 0-d, or `[C]` per channel.
  ///
  /// @param scale of each step, positive
  /// @param zero the integer that means 0, as a float
  public record Parameters(Tensor scale, Tensor zero) {}

  /// The grid stretched over the range, which is widened to hold 0: `s = (b - a) / (high - low)`,
  /// at least 2^-23, `z = clamp(low - round(a / s), low, high)`; 1 and 0 if nothing was seen.
  ///
  /// **Source** PyTorch's observers.
  public Parameters affine(QuantGrid grid, Device device) {
    float steps = (float) grid.high() - grid.low();
    float[] scale = new float[count()];
    float[] zero = new float[count()];
    for (int c = 0; c < scale.length; c++) {
      float low = Math.min(min[c], 0);
      float high = Math.max(max[c], 0);
      scale[c] = unset(c) ? 1 : Math.max((high - low) / steps, LEAST);
      zero[c] =
          unset(c)
              ? 0
              : (float) Math.clamp(grid.low() - Math.rint(low / scale[c]), grid.low(), grid.high());
    }
    return parameters(scale, zero, device);
  }

  /// The grid laid around 0: `s = max(-a, b) / ((high - low) / 2)`, at least 2^-23; `z` 0, or the
  /// middle of an unsigned grid.
  ///
  /// **Source** PyTorch's observers.
  public Parameters symmetric(QuantGrid grid, Device device) {
    float half = ((float) grid.high() - grid.low()) / 2;
    float middle = grid.low() == 0 ? (grid.high() + 1) / 2 : 0;
    float[] scale = new float[count()];
    float[] zero = new float[count()];
    for (int c = 0; c < scale.length; c++) {
      float reach = Math.max(-Math.min(min[c], 0), Math.max(max[c], 0));
      scale[c] = unset(c) ? 1 : Math.max(reach / half, LEAST);
      zero[c] = unset(c) ? 0 : middle;
    }
    return parameters(scale, zero, device);
  }

  /// SSQL's grid for activations: `s = (max - min) / steps`, `z = -round(min / s)`. The range is
  /// not widened to hold 0, so that the zero point may lie outside the grid; an empty range gives
  /// 0.
  ///
  /// **Source** Cao et al. 2022, arXiv:2207.05432, as released.
  public Parameters ssqlAffine(QuantGrid grid, Device device) {
    float steps = (float) grid.high() - grid.low();
    IntToDoubleFunction scale = c -> (max[c] - min[c]) / steps;
    float[] s = each(scale);
    return parameters(s, each(c -> s[c] == 0 ? 0 : 0 - Math.rint(min[c] / s[c])), device);
  }

  /// SSQL's grid for weights: `s = max(|min|, |max|) / (steps / 2)`, zero point 0.
  ///
  /// **Source** Cao et al. 2022, arXiv:2207.05432, as released.
  public Parameters ssqlSymmetric(QuantGrid grid, Device device) {
    float half = ((float) grid.high() - grid.low()) / 2;
    float[] s = each(c -> Math.max(Math.abs(min[c]), Math.abs(max[c])) / half);
    return parameters(s, new float[count()], device);
  }

  private boolean unset(int channel) {
    return min[channel] > max[channel];
  }

  private float[] each(IntToDoubleFunction of) {
    float[] values = new float[count()];
    for (int c = 0; c < values.length; c++) {
      values[c] = (float) of.applyAsDouble(c);
    }
    return values;
  }

  private Parameters parameters(float[] scale, float[] zero, Device device) {
    return perChannel
        ? new Parameters(
            Tensor.of(scale, scale.length).to(device), Tensor.of(zero, zero.length).to(device))
        : new Parameters(Tensor.scalar(scale[0]).to(device), Tensor.scalar(zero[0]).to(device));
  }
}
