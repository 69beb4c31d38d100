package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Loss;
import java.util.List;

/// Losses of [Tensor], one value per row. Rules: [Loss].
public sealed interface LossOps permits Tensor {
  /// `-log softmax(this)[label]` for logits `[N,C]` and i32 `labels [N]`: `[N]`.
  default Tensor softmaxCrossEntropy(Tensor labels) {
    return Interpreter.current()
        .apply1(new Loss.SoftmaxCrossEntropy(), List.of((Tensor) this, labels));
  }
}
