package ibrik.tensor.backend;

import ibrik.tensor.Tensor;
import java.util.List;

/// The code of one op on one backend, bound to attributes and element types.
@FunctionalInterface
public interface Kernel {
  /// Reads `in`, writes every element of `out`. The caller has checked shapes and allocated `out`;
  /// its contents are undefined before the call. Inputs may share memory with each other, never
  /// with outputs, unless the kernel allows it by [#mayOverwrite]; update ops write to inputs and
  /// have no outputs.
  void run(List<Tensor> in, List<Tensor> out);

  /// Whether the first output may lie exactly on input `index`: the same first byte, the same
  /// number of bytes. A plan of memory then saves a block where that input is not read again. False
  /// unless the kernel says otherwise with [#overwriting].
  default boolean mayOverwrite(int index) {
    return false;
  }

  /// This kernel with the promise that its first output may lie exactly on any one of these inputs:
  /// what it needs of such an input it reads before it writes there, in every thread.
  default Kernel overwriting(int... inputs) {
    Kernel self = this;
    int[] allowed = inputs.clone();
    return new Kernel() {
      @Override
      public void run(List<Tensor> in, List<Tensor> out) {
        self.run(in, out);
      }

      @Override
      public boolean mayOverwrite(int index) {
        for (int one : allowed) {
          if (one == index) {
            return true;
          }
        }
        return false;
      }
    };
  }
}
