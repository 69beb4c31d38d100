package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Activation;
import java.util.List;

/// Fused activations of [Tensor]. Rules: [Activation].
public sealed interface ActivationOps permits Tensor {
  /// `this P(z <= this)` for a standard normal z, exact.
  default Tensor gelu() {
    return Interpreter.current().apply1(new Activation.Gelu(), List.of((Tensor) this));
  }
}
