package ibrik.ssl.method.byol;

import ibrik.tensor.Tensor;

/// The regression loss of BYOL, eq. 2: `l(p, z') = |n(p) - n(z')|^2 = 2 - 2 cos(p, z')`, with `n(u)
/// = u / sqrt(max(|u|^2, 1e-12))`.
public final class ByolLoss {
  private static final double EPS = 1e-12;

  private ByolLoss() {}

  /// Mean of `l` over the rows; `target` is a constant.
  ///
  /// @param prediction `[B, D]`
  /// @param target `[B, D]`
  /// @return 0-d, in `[0, 4]`
  /// @throws IllegalArgumentException unless both have one shape `[B, D]`
  public static Tensor of(Tensor prediction, Tensor target) {
    if (prediction.rank() != 2 || !prediction.shape().equals(target.shape())) {
      throw new IllegalArgumentException(
          "[byol_loss] prediction and target must have one shape [B, D]; got prediction: "
              + prediction.spec()
              + ", target: "
              + target.spec());
    }
    return prediction.cosineRegression(target.detach(), EPS).mean();
  }

  /// Both directions, summed: `l(p1, z2') + l(p2, z1')`, in `[0, 8]`.
  public static Tensor symmetric(Tensor p1, Tensor p2, Tensor z1, Tensor z2) {
    return of(p1, z2).add(of(p2, z1));
  }
}
