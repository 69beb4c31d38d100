package ibrik.ssl.method.mocov3;

import ibrik.ssl.method.BatchContrast;
import ibrik.tensor.Tensor;

/// The symmetric contrastive loss of MoCo v3, eq. 1 and algorithm 1.
public final class MoCoV3Loss {
  private MoCoV3Loss() {}

  /// `2 t (ctr(q1, k2) + ctr(q2, k1))`, where `ctr` is the cross entropy within the batch at
  /// temperature `t`; keys are constants.
  ///
  /// @param q1 queries of the first view, `[B, D]`; the others alike
  /// @return 0-d; `4 t ln B` where all embeddings are equal
  public static Tensor symmetric(Tensor q1, Tensor q2, Tensor k1, Tensor k2, double temperature) {
    Tensor first = BatchContrast.of(q1, k2.detach(), temperature);
    Tensor second = BatchContrast.of(q2, k1.detach(), temperature);
    return first.add(second).mul(2 * temperature);
  }
}
