package ibrik.tensor.backend;

import ibrik.tensor.Tensor;
import java.util.List;

/// The code of one op on one backend, bound to attributes and element types.
@FunctionalInterface
public interface Kernel {
  /// Reads `in`, writes every element of `out`. The caller has checked shapes and allocated `out`;
  /// its contents are undefined before the call. Inputs may share memory with each other, never
  /// with outputs; update ops write to inputs and have no outputs.
  void run(List<Tensor> in, List<Tensor> out);
}
