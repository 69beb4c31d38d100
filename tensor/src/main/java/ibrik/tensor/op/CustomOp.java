package ibrik.tensor.op;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Kernel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An op from outside the project. Implement it as a record: its shape rule, its composition, its
/// gradient and, where the composition is too slow, a kernel. `docs/add-an-op.md` shows one.
public non-sealed interface CustomOp extends Op, Composite {
  /// The cotangents of the inputs, one per input; `null` where there is none.
  ///
  /// @param in the inputs
  /// @param out the outputs
  /// @param cotangents one per output; `null` where nothing flows back
  List<@Nullable Tensor> vjp(List<Tensor> in, List<Tensor> out, List<@Nullable Tensor> cotangents);

  /// The op's own kernel on `device` for inputs of these types, or `null`: then the backend's
  /// kernel or the composition runs. The composition stays the meaning: test the kernel against it.
  default @Nullable Kernel kernel(Device device, List<TensorSpec> in) {
    return null;
  }
}
