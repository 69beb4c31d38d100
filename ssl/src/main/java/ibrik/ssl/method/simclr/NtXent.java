package ibrik.ssl.method.simclr;

import ibrik.tensor.Tensor;

/// Normalised temperature-scaled cross entropy, eq. 1 of the paper: each of the `2B` embeddings
/// must pick out the other view of its image among the `2B - 1` others.
public final class NtXent {
  private NtXent() {}

  /// Mean over the `2B` rows.
  ///
  /// @param z1 embeddings of the first view, `[B, D]`, not normalised
  /// @param z2 those of the second
  /// @param temperature above 0
  /// @return 0-d; `ln(2B - 1)` where all embeddings are equal
  /// @throws IllegalArgumentException unless both have one shape `[B, D]` and the temperature is a
  ///   number above 0
  public static Tensor of(Tensor z1, Tensor z2, double temperature) {
    return z1.ntXent(z2, temperature).mean();
  }
}
