package ibrik.tensor.op;

import ibrik.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An op from outside the project. Implement it as a record, give it a composition or a kernel
/// (register it with the backend), and its gradient.
public non-sealed interface CustomOp extends Op, Composite {
  /// The cotangents of the inputs, one per input; `null` where there is none.
  ///
  /// @param in the inputs
  /// @param out the outputs
  /// @param cotangents one per output; `null` where nothing flows back
  List<@Nullable Tensor> vjp(List<Tensor> in, List<Tensor> out, List<@Nullable Tensor> cotangents);
}
