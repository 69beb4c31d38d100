package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Similarity;
import java.util.List;

/// Losses of similarity of [Tensor], one value per row. Rules: [Similarity].
public sealed interface SimilarityOps permits Tensor {
  /// NT-Xent of two views `[B,D]`, not normalised: `[2B]`, first the rows of this one.
  default Tensor ntXent(Tensor other, double temperature) {
    return Interpreter.current()
        .apply1(new Similarity.NtXent(temperature), List.of((Tensor) this, other));
  }

  /// InfoNCE of queries `[B,D]` (this) with their `keys [B,D]` against `queue [K,D]`: `[B]`.
  /// Normalise all three beforehand where the method says so.
  default Tensor infoNce(Tensor keys, Tensor queue, double temperature) {
    return Interpreter.current()
        .apply1(new Similarity.InfoNce(temperature), List.of((Tensor) this, keys, queue));
  }

  /// `2 - 2 cos` of each row `[B,D]` with that of `other`, lengths guarded at squared length `eps`:
  /// `[B]`.
  default Tensor cosineRegression(Tensor other, double eps) {
    return Interpreter.current()
        .apply1(new Similarity.CosineRegression(eps), List.of((Tensor) this, other));
  }
}
