package ibrik.ssl.method.barlow;

import ibrik.tensor.Tensor;

/// The loss of Barlow Twins, eq. 1: the cross-correlation of the two views' standardised embeddings
/// should be the identity.
public final class BarlowTwinsLoss {
  /// As in the batch norm of the official code.
  private static final double EPS = 1e-5;

  private BarlowTwinsLoss() {}

  /// `sum_i (1 - C_ii)^2 + lambda sum_{i != j} C_ij^2` with `C = z1'^T z2' / B`, where `'` makes
  /// each dimension's mean over the batch 0 and its (biased) variance 1.
  ///
  /// @param z1 `[B, D]`
  /// @param z2 `[B, D]`
  /// @return 0-d; `D` where all embeddings are equal
  /// @throws IllegalArgumentException unless both have one shape `[B, D]`
  public static Tensor of(Tensor z1, Tensor z2, double lambda) {
    return z1.barlowTwins(z2, lambda, EPS).sum();
  }
}
