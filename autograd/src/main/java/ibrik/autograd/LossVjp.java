package ibrik.autograd;

import static ibrik.autograd.Rules.apply;
import static ibrik.autograd.Rules.list;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Loss;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Loss].
final class LossVjp {
  private LossVjp() {}

  static List<@Nullable Tensor> vjp(Loss op, Pull pull) {
    return switch (op) {
      // (softmax - onehot) ct, row by row
      case Loss.SoftmaxCrossEntropy() ->
          list(
              apply(new Loss.SoftmaxCrossEntropyBackward(), pull.in(0), pull.in(1), pull.ct()),
              null);
      case Loss.SoftmaxCrossEntropyBackward backward ->
          Rules.throughComposition(backward, backward, pull);
    };
  }
}
