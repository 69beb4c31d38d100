package ibrik.ssl.method.simsiam;

import ibrik.tensor.Tensor;

/// Negative cosine similarity of SimSiam, eq. 1 and 2.
public final class SimSiamLoss {
  private static final double EPS = 1e-12;

  private SimSiamLoss() {}

  /// `-(1/2) (mean cos(p1, z2) + mean cos(p2, z1))`. Gradients flow into all four: stop those that
  /// should not.
  ///
  /// @param p1 predictions of the first view, `[B, D]`; the others alike
  /// @return 0-d, in `[-1, 1]`
  /// @throws IllegalArgumentException unless all have one shape `[B, D]`
  public static Tensor symmetric(Tensor p1, Tensor p2, Tensor z1, Tensor z2) {
    // The fused op gives 2 - 2 cos.
    Tensor both = p1.cosineRegression(z2, EPS).add(p2.cosineRegression(z1, EPS));
    return both.mean().div(4).sub(1);
  }
}
