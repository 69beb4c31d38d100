package ibrik.kernels.cuda;

import ibrik.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/// The launches of one op, bound to attributes and element types: what a family's table gives.
@FunctionalInterface
interface CudaOp {
  /// Enqueues on the stream of `gpu` what fills `out` from `in`; never waits.
  void run(CudaDevice gpu, List<Tensor> in, List<Tensor> out);

  /// Whether the first output may lie exactly on input `index`; see [#overwriting].
  default boolean mayOverwrite(int index) {
    return false;
  }

  /// These launches with the promise that the first output may lie exactly on any one of these
  /// inputs: an element of it is written only after all that is needed of the input's element at
  /// the same place was read, by whichever thread. True where each thread reads and writes one
  /// place.
  default CudaOp overwriting(int... inputs) {
    CudaOp self = this;
    int[] allowed = inputs.clone();
    return new CudaOp() {
      @Override
      public void run(CudaDevice gpu, List<Tensor> in, List<Tensor> out) {
        self.run(gpu, in, out);
      }

      @Override
      public boolean mayOverwrite(int index) {
        return IntStream.of(allowed).anyMatch(one -> one == index);
      }
    };
  }
}
