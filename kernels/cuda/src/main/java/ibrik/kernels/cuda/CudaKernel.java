package ibrik.kernels.cuda;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Backend;
import ibrik.tensor.backend.Backends;

/// A kernel of your own, from a text in CUDA C++: what a `CustomOp` runs on a GPU.
///
/// ```java
/// private static final String SOURCE =
///     """
///     extern "C" __global__ void swish(const float *x, float *y, long long n, float beta) {
///       long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
///       if (i < n) y[i] = x[i] / (1 + expf(-beta * x[i]));
///     }""";
///
/// public @Nullable Kernel kernel(Device device, List<TensorSpec> in) {
///   if (!device.backend().equals("cuda") || in.getFirst().dtype() != DType.F32) {
///     return null; // the composition serves
///   }
///   CudaKernel swish = CudaKernel.compile(SOURCE, "swish");
///   long n = in.getFirst().elems();
///   return (x, y) -> swish.on(x.getFirst()).tensor(x.getFirst()).tensor(y.getFirst())
///       .i64(n).f32(beta).run(Grid.of(Math.ceilDiv(n, 256), 256));
/// }
/// ```
///
/// The text may `#include "ibrik.cuh"` for the engine's 16-bit types, `widen`, `narrow`, `warp_sum`
/// and `block_sum`. It is compiled for the device on the first launch there; machine code is kept
/// on disk. A launch only enqueues, so it can be part of a captured `Program`.
public final class CudaKernel {
  private final CudaSource source;
  private final String name;

  private CudaKernel(CudaSource source, String name) {
    this.source = source;
    this.name = name;
  }

  /// Kernel `name` of `source`. Nothing is compiled yet: see [#check].
  public static CudaKernel compile(String source, String name) {
    return compile(CudaSource.ofText(name + ".cu", source), name);
  }

  /// Kernel `name` of a source with definitions.
  public static CudaKernel compile(CudaSource source, String name) {
    return new CudaKernel(source, name);
  }

  /// Compiles and loads it now, for `device`.
  ///
  /// @throws ibrik.kernels.cuda.driver.CompileException with file, line and message of each error
  /// @throws ibrik.kernels.cuda.driver.CudaException if the source has no such kernel
  public CudaKernel check(Device device) {
    gpu(device).function(source, name);
    return this;
  }

  /// A launch on the device of `tensor`: add the arguments in order, then [Launch#run(Grid)].
  ///
  /// @throws IllegalArgumentException if it is no device of this backend
  public Launch on(Tensor tensor) {
    return gpu(tensor.device()).kernel(source, name);
  }

  private static CudaDevice gpu(Device device) {
    Backend backend = Backends.of(device);
    if (backend instanceof CudaBackend cuda) {
      return cuda.gpu(device.index());
    }
    throw new IllegalArgumentException(
        "[cuda] a kernel of CUDA needs a GPU; got a tensor on "
            + device
            + "; move it with to(Device.parse(\"cuda\"))");
  }

  @Override
  public String toString() {
    return name + " of " + source.name() + (source.options().isEmpty() ? "" : source.options());
  }
}
