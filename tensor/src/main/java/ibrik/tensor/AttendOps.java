package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Attend;
import java.util.List;

/// Attention of [Tensor]. Rules: [Attend].
public sealed interface AttendOps permits Tensor {
  /// `softmax(scale this keys^T) values` per batch and head: queries `[B,H,T,D]` (this), `keys
  /// [B,H,S,D]`, `values [B,H,S,E]` to `[B,H,T,E]`.
  default Tensor attention(Tensor keys, Tensor values, double scale) {
    return Interpreter.current()
        .apply(new Attend.Attention(scale), List.of((Tensor) this, keys, values))
        .getFirst();
  }
}
