package ibrik.ssl.method.mocov2;

import ibrik.tensor.Tensor;

/// InfoNCE against a queue, eq. 1 of MoCo.
public final class QueueLoss {
  private QueueLoss() {}

  /// Mean over the rows; `keys` and `queue` are constants. Queries and keys need not have unit
  /// length, the queue's rows do.
  ///
  /// @param queries `[B, D]`
  /// @param keys `[B, D]`, the positives
  /// @param queue `[K, D]`, the negatives
  /// @return 0-d; `ln(1 + K)` where all embeddings are equal
  /// @throws IllegalArgumentException unless the shapes fit and the temperature is above 0
  public static Tensor of(Tensor queries, Tensor keys, Tensor queue, double temperature) {
    Tensor q = queries.l2Normalize();
    Tensor k = keys.detach().l2Normalize();
    return q.infoNce(k, queue.detach(), temperature).mean();
  }
}
