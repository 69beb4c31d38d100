package ibrik.ssl.method;

import ibrik.tensor.DType;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.Tensors;
import java.util.Collections;

/// InfoNCE within a batch: each row of one side must pick out the row of its own image among all
/// rows of the other side.
///
/// **Source** van den Oord et al. 2018, arXiv:1807.03748, eq. 4; this form: Chen, Xie and He 2021,
/// arXiv:2104.02057, algorithm 1.
public final class BatchContrast {
  private BatchContrast() {}

  /// Mean cross entropy of `n(q) n(k)^T / temperature` with the right index, where `n` makes rows
  /// of unit length. There may be several queries of one image: row `i` belongs to row `i mod B` of
  /// `k`.
  ///
  /// @param q `[mB, D]`
  /// @param k `[B, D]`
  /// @return 0-d; `ln B` where all embeddings are equal
  /// @throws IllegalArgumentException unless the shapes fit
  public static Tensor of(Tensor q, Tensor k, double temperature) {
    if (q.rank() != 2 || k.rank() != 2 || q.dim(1) != k.dim(1) || q.dim(0) % k.dim(0) != 0) {
      throw new IllegalArgumentException(
          "[batch_contrast] q must be [mB, D] and k [B, D]; got q: "
              + q.spec()
              + ", k: "
              + k.spec());
    }
    Tensor logits = q.l2Normalize().matMul(k.l2Normalize(), false, true).div(temperature);
    Tensor own = Tensors.iota(k.dim(0), DType.I32, q.device());
    int times = Math.toIntExact(q.dim(0) / k.dim(0));
    Tensor labels = times == 1 ? own : LayoutOps.concat(0, Collections.nCopies(times, own));
    return logits.softmaxCrossEntropy(labels).mean();
  }
}
