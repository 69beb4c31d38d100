package ibrik.autograd;

import static ibrik.autograd.Rules.apply;
import static ibrik.autograd.Rules.list;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Activation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Activation].
final class ActivationVjp {
  private ActivationVjp() {}

  static List<@Nullable Tensor> vjp(Activation op, Pull pull) {
    return switch (op) {
      case Activation.Gelu() -> list(apply(new Activation.GeluBackward(), pull.in(0), pull.ct()));
      case Activation.GeluBackward backward -> Rules.throughComposition(backward, backward, pull);
    };
  }
}
