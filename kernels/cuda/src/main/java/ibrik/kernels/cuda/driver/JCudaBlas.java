package ibrik.kernels.cuda.driver;

import ibrik.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.driver.CUstream;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.runtime.cudaStream_t;

/// Matrix products of cuBLAS. One handle per stream, with work memory of its own, so that products
/// can be taken down in a graph.
final class JCudaBlas implements Blas {
  /// What NVIDIA recommends for sm_90; more than older devices need.
  private static final long WORKSPACE_BYTES = 32 << 20;

  private static final int DEFAULT_ALGORITHM = -1; // CUBLAS_GEMM_DEFAULT

  private final Handles<CUstream> streams;
  private final Map<Long, cublasHandle> handles = new HashMap<>();
  private final Scalars f32;
  private final Scalars f64;

  /// 1 and 0 off the heap, where cuBLAS reads alpha and beta.
  private record Scalars(Pointer one, Pointer zero) {}

  JCudaBlas(Handles<CUstream> streams) {
    this.streams = streams;
    MemorySegment numbers = Arena.global().allocate(24, 8);
    numbers.set(ValueLayout.JAVA_FLOAT, 0, 1);
    numbers.set(ValueLayout.JAVA_DOUBLE, 8, 1);
    Pointer zero = Addresses.pointer(numbers.address() + 16);
    f32 = new Scalars(Addresses.pointer(numbers.address()), zero);
    f64 = new Scalars(Addresses.pointer(numbers.address() + 8), zero);
    JCublas2.initialize();
  }

  private static void check(String call, int status, Object about) {
    if (status != 0) {
      throw new CudaException(call, status, JCublas2.cublasGetStatusString(status) + " " + about);
    }
  }

  private synchronized cublasHandle handle(long stream) {
    cublasHandle known = handles.get(stream);
    if (known == null) {
      known = new cublasHandle();
      check("cublasCreate", JCublas2.cublasCreate(known), "");
      cudaStream_t on = new cudaStream_t(streams.get(stream));
      check("cublasSetStream", JCublas2.cublasSetStream(known, on), "");
      Addresses.Out work = new Addresses.Out();
      JCudaDriver.check("cuMemAlloc", jcuda.driver.JCudaDriver.cuMemAlloc(work, WORKSPACE_BYTES));
      Pointer memory = Addresses.pointer(work.address());
      check("cublasSetWorkspace", JCublas2.cublasSetWorkspace(known, memory, WORKSPACE_BYTES), "");
      handles.put(stream, known);
    }
    return known;
  }

  @Override
  public void gemm(Gemm g, long a, long b, long c, long stream) {
    // Row-major c = op(a) op(b) is column-major c' = op(b)' op(a)': the operands change places.
    int type = dataType(g.dtype());
    Scalars scalars = g.dtype() == DType.F64 ? f64 : f32;
    check(
        "cublasGemmStridedBatchedEx",
        JCublas2.cublasGemmStridedBatchedEx_new(
            handle(stream),
            operation(g.transposeB()),
            operation(g.transposeA()),
            g.n(),
            g.m(),
            g.k(),
            scalars.one,
            Addresses.pointer(b),
            type,
            g.transposeB() ? g.k() : g.n(),
            g.strideB(),
            Addresses.pointer(a),
            type,
            g.transposeA() ? g.m() : g.k(),
            g.strideA(),
            scalars.zero,
            Addresses.pointer(c),
            type,
            g.n(),
            (long) g.m() * g.n(),
            g.batch(),
            compute(g),
            DEFAULT_ALGORITHM),
        g);
  }

  private static int operation(boolean transpose) {
    return transpose ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
  }

  private static int compute(Gemm g) {
    return switch (g.dtype()) {
      case F64 -> cublasComputeType.CUBLAS_COMPUTE_64F;
      case F32 ->
          g.tf32()
              ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32
              : cublasComputeType.CUBLAS_COMPUTE_32F;
      default -> cublasComputeType.CUBLAS_COMPUTE_32F;
    };
  }

  private static int dataType(DType dtype) {
    return switch (dtype) {
      case F32 -> cudaDataType.CUDA_R_32F;
      case F64 -> cudaDataType.CUDA_R_64F;
      case BF16 -> cudaDataType.CUDA_R_16BF;
      case F16 -> cudaDataType.CUDA_R_16F;
      default -> throw new IllegalArgumentException("[mat_mul] no product of " + dtype);
    };
  }
}
