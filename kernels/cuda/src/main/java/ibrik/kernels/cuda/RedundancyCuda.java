package ibrik.kernels.cuda;

import ibrik.kernels.cuda.Strips.Matrix;
import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Redundancy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [Redundancy]. No matrix of correlations is kept: forward, its tiles stay in registers;
/// backward, strips of slopes stay in the second-level cache.
final class RedundancyCuda {
  private static final List<DType> TYPES = List.of(DType.F32, DType.F64);

  static final CudaFile BARLOW_TWINS = CudaFile.of("redundancy/barlow_twins.cu", 256, TYPES);
  static final CudaFile VICREG = CudaFile.of("redundancy/vicreg.cu", 256, TYPES);

  private RedundancyCuda() {}

  static @Nullable CudaOp op(Redundancy op, List<TensorSpec> in) {
    TensorSpec z = in.getFirst();
    if (!VICREG.serves(z.dtype())) {
      return null;
    }
    return switch (op) {
      case Redundancy.BarlowTwins(double lambda, double eps) -> barlow(z, lambda, eps);
      case Redundancy.BarlowTwinsBackward(double lambda, double eps) ->
          barlowBackward(z, lambda, eps).overwriting(0, 1);
      case Redundancy.VicregVariance(double target, double eps) ->
          variance("vicreg_variance", z, 1, target, eps);
      case Redundancy.VicregVarianceBackward(double target, double eps) ->
          variance("vicreg_variance_bwd", z, 2, target, eps).overwriting(0);
      case Redundancy.VicregCovariance() -> covariance(z);
      case Redundancy.VicregCovarianceBackward() -> covarianceBackward(z).overwriting(0);
    };
  }

  /// 32 columns of `z [B,D]` per block.
  private static Grid columns(TensorSpec z) {
    return Grid.of(Math.ceilDiv(z.shape().dim(1), 32L), 1, 1, 32, 8);
  }

  // ---- Barlow Twins

  private static void standardize(
      CudaDevice gpu, CudaSource source, Tensor z, long n, long r, double eps) {
    gpu.kernel(source, "standardize")
        .tensor(z)
        .address(n)
        .address(r)
        .i64(z.dim(0))
        .i64(z.dim(1))
        .f64(eps)
        .run(columns(z.spec()));
  }

  private static CudaOp barlow(TensorSpec z, double lambda, double eps) {
    long rows = z.shape().dim(0);
    long width = z.shape().dim(1);
    Strips strips = Strips.of(BARLOW_TWINS, z.dtype(), width, width);
    CudaSource source = strips.source();
    long size = strips.bytes();
    return (gpu, in, out) -> {
      long n1 = gpu.scratch((2 * rows + 3 + strips.parts()) * width * size);
      long n2 = n1 + rows * width * size;
      long r1 = n2 + rows * width * size;
      long r2 = r1 + width * size;
      long diagonal = r2 + width * size;
      long squares = diagonal + width * size;
      standardize(gpu, source, in.get(0), n1, r1, eps);
      standardize(gpu, source, in.get(1), n2, r2, eps);
      gpu.kernel(source, "barlow_rows")
          .address(n1)
          .address(n2)
          .address(squares)
          .address(diagonal)
          .i64(rows)
          .i64(width)
          .i64(strips.tilesPerPart())
          .run(strips.partGrid());
      gpu.kernel(source, "barlow_join")
          .address(squares)
          .address(diagonal)
          .tensor(out.getFirst())
          .i64(width)
          .i64(strips.parts())
          .f64(lambda)
          .run(Grid.strided(width, 256, gpu.fullGrid()));
    };
  }

  private static CudaOp barlowBackward(TensorSpec z, double lambda, double eps) {
    long rows = z.shape().dim(0);
    long width = z.shape().dim(1);
    Strips strips = Strips.of(BARLOW_TWINS, z.dtype(), width, width);
    CudaSource source = strips.source();
    long size = strips.bytes();
    return (gpu, in, out) -> {
      long n1 = gpu.scratch(2 * (rows + 1) * width * size + strips.stripBytes());
      long n2 = n1 + rows * width * size;
      long r1 = n2 + rows * width * size;
      long r2 = r1 + width * size;
      long strip = r2 + width * size;
      standardize(gpu, source, in.get(0), n1, r1, eps);
      standardize(gpu, source, in.get(1), n2, r2, eps);
      long d1 = CudaBuffer.address(out.get(0));
      long d2 = CudaBuffer.address(out.get(1));
      strips.forEach(
          (from, count) -> {
            gpu.kernel(source, "barlow_slopes")
                .address(n1)
                .address(n2)
                .tensor(in.get(2))
                .address(strip)
                .i64(rows)
                .i64(width)
                .i64(from)
                .i64(count)
                .f64(lambda)
                .run(strips.stripGrid(count));
            Matrix dc = new Matrix(strip, count);
            strips.product(
                gpu,
                "product_nn",
                new Matrix(n1, width),
                dc,
                new Matrix(d2 + from * size, width),
                rows,
                count,
                width,
                false);
            strips.product(
                gpu,
                "product_nt",
                new Matrix(n2 + from * size, width),
                dc,
                new Matrix(d1, width),
                rows,
                width,
                count,
                from > 0);
          });
      standardizeBackward(gpu, source, n1, r1, out.get(0));
      standardizeBackward(gpu, source, n2, r2, out.get(1));
    };
  }

  private static void standardizeBackward(
      CudaDevice gpu, CudaSource source, long n, long r, Tensor d) {
    gpu.kernel(source, "standardize_bwd")
        .address(n)
        .address(r)
        .tensor(d)
        .i64(d.dim(0))
        .i64(d.dim(1))
        .run(columns(d.spec()));
  }

  // ---- VICReg

  private static CudaOp variance(
      String kernel, TensorSpec z, int inputs, double target, double eps) {
    return (gpu, in, out) -> {
      Launch launch = gpu.kernel(VICREG.with(z.dtype()), kernel);
      in.subList(0, inputs).forEach(launch::tensor);
      launch
          .tensor(out.getFirst())
          .i64(z.shape().dim(0))
          .i64(z.shape().dim(1))
          .f64(target)
          .f64(eps)
          .run(columns(z));
    };
  }

  private static void centre(CudaDevice gpu, CudaSource source, Tensor z, long to) {
    gpu.kernel(source, "centre")
        .tensor(z)
        .address(to)
        .i64(z.dim(0))
        .i64(z.dim(1))
        .run(columns(z.spec()));
  }

  private static CudaOp covariance(TensorSpec z) {
    long rows = z.shape().dim(0);
    long width = z.shape().dim(1);
    Strips strips = Strips.of(VICREG, z.dtype(), width, width);
    CudaSource source = strips.source();
    return (gpu, in, out) -> {
      long n = gpu.scratch((rows + strips.parts()) * width * strips.bytes());
      long squares = n + rows * width * strips.bytes();
      centre(gpu, source, in.getFirst(), n);
      gpu.kernel(source, "covariance_rows")
          .address(n)
          .address(squares)
          .i64(rows)
          .i64(width)
          .i64(strips.tilesPerPart())
          .run(strips.partGrid());
      gpu.kernel(source, "covariance_join")
          .address(squares)
          .tensor(out.getFirst())
          .i64(width)
          .i64(strips.parts())
          .run(Grid.strided(width, 256, gpu.fullGrid()));
    };
  }

  private static CudaOp covarianceBackward(TensorSpec z) {
    long rows = z.shape().dim(0);
    long width = z.shape().dim(1);
    Strips strips = Strips.of(VICREG, z.dtype(), width, width);
    CudaSource source = strips.source();
    long size = strips.bytes();
    return (gpu, in, out) -> {
      long n = gpu.scratch(rows * width * size + strips.stripBytes());
      long strip = n + rows * width * size;
      centre(gpu, source, in.getFirst(), n);
      strips.forEach(
          (from, count) -> {
            gpu.kernel(source, "covariance_slopes")
                .address(n)
                .tensor(in.get(1))
                .address(strip)
                .i64(rows)
                .i64(width)
                .i64(from)
                .i64(count)
                .run(strips.stripGrid(count));
            strips.product(
                gpu,
                "product_nn",
                new Matrix(n, width),
                new Matrix(strip, count),
                new Matrix(CudaBuffer.address(out.getFirst()) + from * size, width),
                rows,
                count,
                width,
                false);
          });
    };
  }
}
