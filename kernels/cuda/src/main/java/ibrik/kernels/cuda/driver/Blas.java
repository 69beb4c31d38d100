package ibrik.kernels.cuda.driver;

import ibrik.tensor.DType;

/// Matrix products of a library.
public interface Blas {
  /// A batch of products of row-major matrices, `c = op(a) op(b)` with `c [m,n]`.
  ///
  /// @param dtype f32, f64, bf16 or f16, of all three; 16-bit types accumulate in f32
  /// @param transposeA whether a lies in memory as `[k,m]`
  /// @param transposeB whether b lies in memory as `[n,k]`
  /// @param strideA elements from one a to the next; 0 uses one for all
  /// @param strideB elements from one b to the next; 0 uses one for all
  /// @param batch number of products
  /// @param tf32 whether f32 may be rounded to 10 bits of mantissa first
  record Gemm(
      DType dtype,
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      long strideA,
      long strideB,
      int batch,
      boolean tf32) {
    /// The same with f32 that may be rounded, if it is of f32.
    public Gemm rounded() {
      boolean may = dtype == DType.F32;
      return new Gemm(dtype, transposeA, transposeB, m, n, k, strideA, strideB, batch, may);
    }
  }

  /// Enqueues a batch of products.
  void gemm(Gemm gemm, long a, long b, long c, long stream);
}
