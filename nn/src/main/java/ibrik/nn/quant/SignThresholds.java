package ibrik.nn.quant;

import ibrik.tensor.Tensor;

/// Batch norm and the sign after it as one comparison with an integer per channel.
///
/// Where nothing stands between a packed convolution and the next sign, `y = k dot + b` with the
/// integer `dot`, and the bit of the sign is `y < 0`: for `k > 0` that is `dot <= limit`, for `k <
/// 0` it is `dot >= limit`, for `k = 0` a constant. Networks with float shortcuts have no such
/// place.
public final class SignThresholds {
  /// Beyond every product of signs: those lie within 2^24.
  private static final int NEVER = 1 << 25;

  private final boolean[] upwards;
  private final int[] limits;

  private SignThresholds(boolean[] upwards, int[] limits) {
    this.upwards = upwards;
    this.limits = limits;
  }

  /// The thresholds of `y = k dot + b`, one channel per element.
  ///
  /// @throws IllegalArgumentException if the lengths differ or a number is not finite
  public static SignThresholds of(double[] k, double[] b) {
    if (k.length != b.length) {
      throw new IllegalArgumentException(
          "[sign_thresholds] k and b must have one length; got " + k.length + " and " + b.length);
    }
    boolean[] upwards = new boolean[k.length];
    int[] limits = new int[k.length];
    for (int c = 0; c < k.length; c++) {
      if (!Double.isFinite(k[c]) || !Double.isFinite(b[c])) {
        throw new IllegalArgumentException(
            "[sign_thresholds] k and b must be finite; got "
                + k[c]
                + " and "
                + b[c]
                + " in channel "
                + c);
      }
      upwards[c] = k[c] < 0;
      limits[c] = limit(k[c], b[c]);
    }
    return new SignThresholds(upwards, limits);
  }

  /// The thresholds of batch norm over `alpha dot`, then `shift`: `k = gamma alpha / sigma`, `b =
  /// beta - gamma mean / sigma + shift` with `sigma = sqrt(variance + eps)`.
  public static SignThresholds ofBatchNorm(
      double[] gamma,
      double[] beta,
      double[] mean,
      double[] variance,
      double eps,
      double[] alpha,
      double[] shift) {
    double[] k = new double[gamma.length];
    double[] b = new double[gamma.length];
    for (int c = 0; c < k.length; c++) {
      double slope = gamma[c] / Math.sqrt(variance[c] + eps);
      k[c] = slope * alpha[c];
      b[c] = beta[c] - slope * mean[c] + shift[c];
    }
    return of(k, b);
  }

  /// The last integer on the negative side.
  private static int limit(double k, double b) {
    if (k == 0) {
      return b < 0 ? NEVER : -NEVER; // dot <= limit: always, or never
    }
    double edge = Math.clamp(-b / k, -NEVER, NEVER);
    return k > 0 ? (int) Math.ceil(edge) - 1 : (int) Math.floor(edge) + 1;
  }

  /// Number of channels.
  public int channels() {
    return limits.length;
  }

  /// Whether the sign of `k dot + b` in `channel` is negative.
  public boolean negative(int channel, int dot) {
    return upwards[channel] ? dot >= limits[channel] : dot <= limits[channel];
  }

  /// The signs of products `[*,channels]` (a packed convolution with alpha 1), packed: integers
  /// below 2^24 in f32, so nothing is rounded.
  public Tensor pack(Tensor dot) {
    // upwards: limit - dot - 1/2 < 0; else dot - limit - 1/2 < 0.
    float[] factor = new float[limits.length];
    float[] offset = new float[limits.length];
    for (int c = 0; c < factor.length; c++) {
      factor[c] = upwards[c] ? -1 : 1;
      offset[c] = upwards[c] ? limits[c] : -limits[c];
    }
    Tensor turned = dot.mul(Tensor.of(factor, factor.length).to(dot.device()));
    return turned.add(Tensor.of(offset, offset.length).to(dot.device())).sub(0.5).packSigns();
  }
}
