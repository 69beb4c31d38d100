package ibrik.kernels.cuda;

import ibrik.kernels.cuda.Strips.Matrix;
import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Similarity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [Similarity]. No matrix of similarities is kept: forward, tiles of scores stay in
/// registers; backward, strips of slopes stay in the second-level cache.
final class SimilarityCuda {
  private static final List<DType> TYPES = List.of(DType.F32, DType.F64);

  static final CudaFile NT_XENT = CudaFile.of("similarity/nt_xent.cu", 256, TYPES);
  static final CudaFile INFO_NCE = CudaFile.of("similarity/info_nce.cu", 256, TYPES);
  static final CudaFile COSINE = CudaFile.of("similarity/cosine.cu", 256, TYPES);

  private SimilarityCuda() {}

  static @Nullable CudaOp op(Similarity op, List<TensorSpec> in) {
    TensorSpec first = in.getFirst();
    if (!COSINE.serves(first.dtype())) {
      return null;
    }
    return switch (op) {
      case Similarity.NtXent(double t) -> ntXent(first, 1 / t);
      case Similarity.NtXentBackward(double t) -> ntXentBackward(first, 1 / t).overwriting(0);
      case Similarity.InfoNce(double t) -> infoNce(first, in.get(2), 1 / t);
      case Similarity.InfoNceBackwardQuery(double t) ->
          infoNceBackward(first, in.get(2), false, 1 / t);
      case Similarity.InfoNceBackward(double t) -> infoNceBackward(first, in.get(2), true, 1 / t);
      case Similarity.CosineRegression(double eps) -> cosine("cosine_regression_v1", first, 2, eps);
      case Similarity.CosineRegressionBackward(double eps) ->
          cosine("cosine_regression_bwd_v1", first, 3, eps).overwriting(0, 1);
    };
  }

  /// A warp for each of `rows`.
  private static Grid warps(long rows, CudaDevice gpu) {
    return Grid.strided(rows * 32, 256, gpu.fullGrid());
  }

  private static CudaOp cosine(String kernel, TensorSpec x, int inputs, double eps) {
    long rows = x.shape().dim(0);
    return (gpu, in, out) -> {
      Launch launch = gpu.kernel(COSINE.with(x.dtype()), kernel);
      in.subList(0, inputs).forEach(launch::tensor);
      launch.tensor(out.getFirst()).i64(rows).i64(x.shape().dim(1)).f64(eps).run(warps(rows, gpu));
    };
  }

  // ---- NT-Xent

  private static void normalize(
      CudaDevice gpu, CudaSource source, List<Tensor> views, long n, long half, long width) {
    gpu.kernel(source, "nt_xent_normalize")
        .tensor(views.get(0))
        .tensor(views.get(1))
        .address(n)
        .i64(half)
        .i64(width)
        .f64(Similarity.GUARD)
        .run(warps(2 * half, gpu));
  }

  private static CudaOp ntXent(TensorSpec z, double inverse) {
    long half = z.shape().dim(0);
    long width = z.shape().dim(1);
    long rows = 2 * half;
    Strips strips = Strips.of(NT_XENT, z.dtype(), rows, rows);
    CudaSource source = strips.source();
    long size = strips.bytes();
    long parts = strips.parts();
    return (gpu, in, out) -> {
      long n = gpu.scratch((rows * width + rows * (1 + 2 * parts)) * size);
      long partner = n + rows * width * size;
      long most = partner + rows * size;
      long sum = most + parts * rows * size;
      normalize(gpu, source, in, n, half, width);
      gpu.kernel(source, "nt_xent_rows")
          .address(n)
          .address(most)
          .address(sum)
          .address(partner)
          .i64(rows)
          .i64(width)
          .i64(strips.tilesPerPart())
          .f64(inverse)
          .run(strips.partGrid());
      gpu.kernel(source, "nt_xent_join")
          .address(most)
          .address(sum)
          .address(partner)
          .tensor(out.getFirst())
          .i64(rows)
          .i64(parts)
          .run(Grid.strided(rows, 256, gpu.fullGrid()));
    };
  }

  private static CudaOp ntXentBackward(TensorSpec z, double inverse) {
    long half = z.shape().dim(0);
    long width = z.shape().dim(1);
    long rows = 2 * half;
    Strips strips = Strips.of(NT_XENT, z.dtype(), rows, rows);
    CudaSource source = strips.source();
    long size = strips.bytes();
    return (gpu, in, out) -> {
      long n = gpu.scratch((2 * rows * width + rows) * size + strips.stripBytes());
      long dn = n + rows * width * size;
      long partner = dn + rows * width * size;
      long strip = partner + rows * size;
      normalize(gpu, source, in, n, half, width);
      gpu.kernel(source, "nt_xent_partners")
          .address(n)
          .address(partner)
          .i64(half)
          .i64(width)
          .f64(inverse)
          .run(warps(half, gpu));
      strips.forEach(
          (from, count) -> {
            gpu.kernel(source, "nt_xent_slopes")
                .address(n)
                .address(partner)
                .tensor(in.get(2))
                .tensor(in.get(3))
                .address(strip)
                .i64(rows)
                .i64(width)
                .i64(from)
                .i64(count)
                .f64(inverse)
                .run(strips.stripGrid(count));
            strips.product(
                gpu,
                "product_nn",
                new Matrix(strip, count),
                new Matrix(n + from * width * size, width),
                new Matrix(dn, width),
                rows,
                width,
                count,
                from > 0);
          });
      gpu.kernel(source, "nt_xent_unnormalize")
          .tensor(in.get(0))
          .tensor(in.get(1))
          .address(dn)
          .tensor(out.get(0))
          .tensor(out.get(1))
          .i64(half)
          .i64(width)
          .f64(Similarity.GUARD)
          .run(warps(rows, gpu));
    };
  }

  // ---- InfoNCE

  private static void positive(
      CudaDevice gpu, CudaSource source, List<Tensor> in, long to, double inverse) {
    long rows = in.getFirst().dim(0);
    gpu.kernel(source, "info_nce_positive")
        .tensor(in.get(0))
        .tensor(in.get(1))
        .address(to)
        .i64(rows)
        .i64(in.getFirst().dim(1))
        .f64(inverse)
        .run(warps(rows, gpu));
  }

  private static CudaOp infoNce(TensorSpec q, TensorSpec queue, double inverse) {
    long rows = q.shape().dim(0);
    long keys = queue.shape().dim(0);
    Strips strips = Strips.of(INFO_NCE, q.dtype(), rows, keys);
    CudaSource source = strips.source();
    long size = strips.bytes();
    long parts = strips.parts();
    return (gpu, in, out) -> {
      long positive = gpu.scratch(rows * (1 + 2 * parts) * size);
      long most = positive + rows * size;
      long sum = most + parts * rows * size;
      positive(gpu, source, in, positive, inverse);
      gpu.kernel(source, "info_nce_rows")
          .tensor(in.get(0))
          .tensor(in.get(2))
          .address(most)
          .address(sum)
          .i64(rows)
          .i64(keys)
          .i64(q.shape().dim(1))
          .i64(strips.tilesPerPart())
          .f64(inverse)
          .run(strips.partGrid());
      gpu.kernel(source, "info_nce_join")
          .address(most)
          .address(sum)
          .address(positive)
          .tensor(out.getFirst())
          .i64(rows)
          .i64(parts)
          .run(Grid.strided(rows, 256, gpu.fullGrid()));
    };
  }

  private static void chosen(
      CudaDevice gpu, CudaSource source, List<Tensor> in, Tensor from, Tensor to, double inverse) {
    gpu.kernel(source, "info_nce_chosen")
        .tensor(from)
        .tensor(in.get(3))
        .tensor(in.get(4))
        .tensor(to)
        .i64(to.dim(0))
        .i64(to.dim(1))
        .f64(inverse)
        .run(warps(to.dim(0), gpu));
  }

  private static void slopes(
      CudaDevice gpu,
      Strips strips,
      List<Tensor> in,
      long positive,
      long strip,
      long from,
      long count,
      double inverse) {
    gpu.kernel(strips.source(), "info_nce_slopes")
        .tensor(in.get(0))
        .tensor(in.get(2))
        .address(positive)
        .tensor(in.get(3))
        .tensor(in.get(4))
        .address(strip)
        .i64(strips.rows())
        .i64(in.getFirst().dim(1))
        .i64(from)
        .i64(count)
        .f64(inverse)
        .run(strips.stripGrid(count));
  }

  /// The gradient of q, and on request those of k and queue: every strip serves both products.
  private static CudaOp infoNceBackward(
      TensorSpec q, TensorSpec queue, boolean keys, double inverse) {
    long rows = q.shape().dim(0);
    long width = q.shape().dim(1);
    Strips strips = Strips.of(INFO_NCE, q.dtype(), rows, queue.shape().dim(0));
    long size = strips.bytes();
    return (gpu, in, out) -> {
      long positive = gpu.scratch(rows * size + strips.stripBytes());
      long strip = positive + rows * size;
      positive(gpu, strips.source(), in, positive, inverse);
      chosen(gpu, strips.source(), in, in.get(1), out.get(0), inverse);
      if (keys) {
        chosen(gpu, strips.source(), in, in.get(0), out.get(1), inverse);
      }
      strips.forEach(
          (from, count) -> {
            slopes(gpu, strips, in, positive, strip, from, count, inverse);
            strips.product(
                gpu,
                "product_nn",
                new Matrix(strip, count),
                new Matrix(CudaBuffer.address(in.get(2)) + from * width * size, width),
                new Matrix(CudaBuffer.address(out.get(0)), width),
                rows,
                width,
                count,
                true);
            if (keys) {
              strips.product(
                  gpu,
                  "product_tn",
                  new Matrix(strip, count),
                  new Matrix(CudaBuffer.address(in.get(0)), width),
                  new Matrix(CudaBuffer.address(out.get(2)) + from * width * size, width),
                  count,
                  width,
                  rows,
                  false);
            }
          });
    };
  }
}
