package ibrik.ssl.method.nnclr;

import ibrik.autograd.Tape;
import ibrik.tensor.Tensor;

/// Nearest neighbours in a support set, eq. 3 of NNCLR.
public final class NearestNeighbors {
  private NearestNeighbors() {}

  /// For each embedding the row of `support` with the largest cosine, the first of equal ones. A
  /// constant: no gradient flows.
  ///
  /// @param embeddings `[B, D]`, of any length
  /// @param support `[K, D]`, rows of unit length
  /// @return `[B, D]`
  public static Tensor of(Tensor embeddings, Tensor support) {
    return Tape.pause(
        () -> {
          Tensor scores = embeddings.l2Normalize().matMul(support, false, true);
          return support.gather(scores.argMax(1));
        });
  }
}
