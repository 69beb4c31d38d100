package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Blas;
import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Linear;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [Linear.MatMul]: cuBLAS where it is and one stride per operand leads from batch to
/// batch, else our own tiles.
final class MatMulCuda {
  static final CudaFile MAT_MUL = CudaFile.of("linear/mat_mul.cu", 256, CudaFile.FLOATS);

  private static final int TILE = 64;

  private MatMulCuda() {}

  static @Nullable CudaOp op(Linear.MatMul op, List<TensorSpec> in) {
    DType type = in.getFirst().dtype();
    Shape a = in.get(0).shape();
    Shape b = in.get(1).shape();
    long m = a.dim(op.transposeA() ? -1 : -2);
    long k = a.dim(op.transposeA() ? -2 : -1);
    long n = b.dim(op.transposeB() ? -2 : -1);
    Shape batchA = Linear.MatMul.batch(a);
    Shape batchB = Linear.MatMul.batch(b);
    Shape batch = Shape.broadcast(batchA, batchB);
    Walks matrices = Walks.of(batch, List.of(batchA, batchB));
    if (!MAT_MUL.serves(type) || !matrices.fits()) {
      return null;
    }
    // Strides of the walk count matrices; a kernel counts elements.
    Walks elements = matrices.scaled(m * k, k * n);
    CudaSource source = MAT_MUL.with(type);
    Blas.Gemm gemm = m * n * k == 0 ? null : gemm(op, type, m, n, k, batch.elems(), elements);
    return (gpu, args, out) -> {
      Blas blas = gpu.driver().blas();
      if (blas != null && gemm != null) {
        blas.gemm(
            gpu.tf32() ? gemm.rounded() : gemm,
            CudaBuffer.address(args.get(0)),
            CudaBuffer.address(args.get(1)),
            CudaBuffer.address(out.getFirst()),
            gpu.stream());
        return;
      }
      boolean fits = Math.ceilDiv(m, (long) TILE) <= Grid.MOST_YZ;
      Launch launch =
          gpu.kernel(source, fits ? "mat_mul_tiled" : "mat_mul_v1")
              .tensor(args.get(0))
              .tensor(args.get(1))
              .tensor(out.getFirst())
              .i64(m)
              .i64(n)
              .i64(k)
              .i32(op.transposeA() ? 1 : 0)
              .i32(op.transposeB() ? 1 : 0)
              .i64(batch.elems())
              .struct(elements.struct());
      launch.run(
          fits
              ? Grid.of(
                  Math.ceilDiv(n, (long) TILE),
                  Math.ceilDiv(m, (long) TILE),
                  Math.min(batch.elems(), Grid.MOST_YZ),
                  16,
                  MAT_MUL.threads() / 16)
              : Grid.strided(out.getFirst().elems(), MAT_MUL.threads(), gpu.fullGrid()));
    };
  }

  /// The product as cuBLAS takes it, or `null` where it does not: batches in two axes that
  /// broadcast in different ways, or extents beyond 32 bits.
  private static Blas.@Nullable Gemm gemm(
      Linear.MatMul op, DType type, long m, long n, long k, long batches, Walks walks) {
    if (walks.extents().size() > 1
        || Math.max(Math.max(m, n), Math.max(k, batches)) > Integer.MAX_VALUE) {
      return null;
    }
    boolean one = walks.extents().isEmpty();
    return new Blas.Gemm(
        type,
        op.transposeA(),
        op.transposeB(),
        (int) m,
        (int) n,
        (int) k,
        one ? 0 : walks.strides().get(0).getFirst(),
        one ? 0 : walks.strides().get(1).getFirst(),
        (int) batches,
        false);
  }
}
