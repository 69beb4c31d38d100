package ibrik.ssl.method.vicreg;

import ibrik.tensor.Tensor;

/// Invariance, variance and covariance, eq. 1 to 6 of VICReg.
public final class VicRegLoss {
  /// Standard deviation at which a dimension costs nothing.
  static final double TARGET = 1;

  /// Guard of the variance.
  static final double EPS = 1e-4;

  private VicRegLoss() {}

  /// `invariance mean (z1 - z2)^2 + variance (v(z1) + v(z2)) / 2 + covariance (c(z1) + c(z2))`,
  /// where `v` is the mean over dimensions of `max(0, 1 - sqrt(variance + 1e-4))` and `c` the sum
  /// of squared covariances of different dimensions, divided by their number.
  ///
  /// @param z1 `[B, D]`
  /// @param z2 `[B, D]`
  /// @return 0-d; `0.99 variance` where all embeddings are equal
  /// @throws IllegalArgumentException unless both have one shape `[B, D]` with B of at least 2
  public static Tensor of(Tensor z1, Tensor z2, VicRegConfig weights) {
    if (!z1.shape().equals(z2.shape())) {
      throw new IllegalArgumentException(
          "[vicreg] z1 and z2 must have one shape [B, D]; got z1: "
              + z1.spec()
              + ", z2: "
              + z2.spec());
    }
    Tensor distance = z1.sub(z2).square().mean();
    Tensor hinge = z1.vicregVariance(TARGET, EPS).add(z2.vicregVariance(TARGET, EPS)).mean();
    Tensor covariance = z1.vicregCovariance().add(z2.vicregCovariance()).mean();
    return distance
        .mul(weights.invariance())
        .add(hinge.mul(weights.variance() / 2))
        .add(covariance.mul(weights.covariance()));
  }
}
