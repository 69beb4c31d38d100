package ibrik.kernels.cuda;

import ibrik.tensor.Tensor;
import java.util.List;

/// The launches of one op, bound to attributes and element types: what a family's table gives.
@FunctionalInterface
interface CudaOp {
  /// Enqueues on the stream of `gpu` what fills `out` from `in`; never waits.
  void run(CudaDevice gpu, List<Tensor> in, List<Tensor> out);
}
