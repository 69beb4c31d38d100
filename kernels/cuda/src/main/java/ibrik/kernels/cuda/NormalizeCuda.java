package ibrik.kernels.cuda;

import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Normalize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [Normalize]: rows by teams of threads, batches by columns. The last pass of each reads
/// and writes one place per thread, after the whole team has met in a sum: so results may
/// overwrite.
final class NormalizeCuda {
  static final CudaFile SOFTMAX = CudaFile.of("normalize/softmax.cu", 256, CudaFile.FLOATS);
  static final CudaFile L2 = CudaFile.of("normalize/l2_normalize.cu", 256, CudaFile.FLOATS);
  static final CudaFile LAYER = CudaFile.of("normalize/layer_norm.cu", 256, CudaFile.FLOATS);
  static final CudaFile LAYER_SUMS =
      CudaFile.of("normalize/layer_norm_sums.cu", 256, CudaFile.FLOATS);
  static final CudaFile BATCH = CudaFile.of("normalize/batch_norm.cu", 256, CudaFile.FLOATS);

  private NormalizeCuda() {}

  static @Nullable CudaOp op(Normalize op, List<TensorSpec> in) {
    TensorSpec x = in.getFirst();
    if (!CudaFile.FLOATS.contains(x.dtype())) {
      return null;
    }
    return switch (op) {
      case Normalize.Softmax _ -> softmax("softmax", x).overwriting(0);
      case Normalize.LogSoftmax _ -> softmax("log_softmax", x).overwriting(0);
      case Normalize.L2Normalize(double eps) -> l2(x, eps).overwriting(0);
      case Normalize.L2NormalizeBackward(double eps) -> l2Backward(x, eps).overwriting(0, 1);
      case Normalize.LayerNorm(double eps) -> layerNorm(x, eps).overwriting(0);
      case Normalize.LayerNormBackward(double eps) ->
          in.size() == 2
              ? layerNormBackward(x, eps).overwriting(0, 1)
              : layerNormBackward(x, eps); // the sums read x and dy after dx is there
      case Normalize.BatchNorm(double eps) -> batchNorm(x, eps).overwriting(0);
      case Normalize.BatchNormBackward(double eps) -> batchNormBackward(x, eps).overwriting(0, 4);
      case Normalize.BatchNormRelu(double eps, boolean residual) ->
          residual ? batchNormRelu(x, eps).overwriting(0, 3) : batchNormRelu(x, eps).overwriting(0);
      case Normalize.BatchNormReluBackward(double eps, boolean residual) ->
          residual
              ? batchNormReluBackward(x, eps).overwriting(0, 4, 5)
              : batchNormReluBackward(x, eps).overwriting(4, 5); // dx holds the masked dy at first
      case Normalize.BatchNormInference(double eps) -> batchNormInference(x, eps).overwriting(0);
    };
  }

  private static CudaOp softmax(String name, TensorSpec x) {
    RowGrid rows = RowGrid.of(x);
    CudaSource source = SOFTMAX.with(x.dtype());
    return (gpu, in, out) ->
        gpu.kernel(source, rows.variant(name))
            .tensor(in.getFirst())
            .tensor(out.getFirst())
            .i64(rows.rows())
            .i64(rows.width())
            .i32(Packs.fit(rows.width(), in.getFirst(), out.getFirst()))
            .run(rows.grid(gpu));
  }

  private static CudaOp l2(TensorSpec x, double eps) {
    RowGrid rows = RowGrid.of(x);
    CudaSource source = L2.with(x.dtype());
    return (gpu, in, out) ->
        gpu.kernel(source, rows.variant("l2_normalize"))
            .tensor(in.getFirst())
            .tensor(out.getFirst())
            .i64(rows.rows())
            .i64(rows.width())
            .f64(eps)
            .i32(Packs.fit(rows.width(), in.getFirst(), out.getFirst()))
            .run(rows.grid(gpu));
  }

  private static CudaOp l2Backward(TensorSpec x, double eps) {
    RowGrid rows = RowGrid.of(x);
    CudaSource source = L2.with(x.dtype());
    return (gpu, in, out) ->
        gpu.kernel(source, rows.variant("l2_normalize_backward"))
            .tensor(in.get(0))
            .tensor(in.get(1))
            .tensor(out.getFirst())
            .i64(rows.rows())
            .i64(rows.width())
            .f64(eps)
            .i32(Packs.fit(rows.width(), in.get(0), in.get(1), out.getFirst()))
            .run(rows.grid(gpu));
  }

  // ---- layer norm ----

  private static Launch optional(Launch launch, List<Tensor> in, int index) {
    return index < in.size() ? launch.tensor(in.get(index)) : launch.address(0);
  }

  private static CudaOp layerNorm(TensorSpec x, double eps) {
    RowGrid rows = RowGrid.of(x);
    CudaSource source = LAYER.with(x.dtype());
    return (gpu, in, out) -> {
      Tensor y = out.getFirst();
      Launch launch = gpu.kernel(source, rows.variant("layer_norm")).tensor(in.getFirst());
      optional(launch, in, 1);
      optional(launch, in, 2)
          .tensor(y)
          .i64(rows.rows())
          .i64(rows.width())
          .f64(eps)
          .i32(Packs.fit(rows.width(), in.toArray(Tensor[]::new)) & Packs.fit(rows.width(), y))
          .run(rows.grid(gpu));
    };
  }

  private static CudaOp layerNormBackward(TensorSpec x, double eps) {
    RowGrid rows = RowGrid.of(x);
    DType type = x.dtype();
    CudaSource source = LAYER.with(type);
    CudaSource sums = LAYER_SUMS.with(type);
    ColumnGrid columns = ColumnGrid.of(rows.rows(), rows.width(), type);
    long bytes = columns.scratchBytes(type);
    long rowBytes = 2 * rows.rows() * ColumnGrid.accumulatorBytes(type);
    return (gpu, in, out) -> {
      boolean weighted = in.size() == 3;
      Tensor dx = out.getFirst();
      long parts = weighted ? gpu.scratch(bytes + rowBytes) : 0;
      long statistics = parts + bytes;
      Launch launch =
          gpu.kernel(source, rows.variant("layer_norm_backward"))
              .tensor(in.get(0))
              .tensor(in.get(1));
      optional(launch, in, 2)
          .tensor(dx)
          .address(statistics)
          .i64(rows.rows())
          .i64(rows.width())
          .f64(eps)
          .i32(Packs.fit(rows.width(), in.toArray(Tensor[]::new)) & Packs.fit(rows.width(), dx))
          .run(rows.grid(gpu));
      if (weighted) {
        gpu.kernel(sums, columns.variant("layer_norm_sums"))
            .tensor(in.get(0))
            .tensor(in.get(1))
            .address(statistics)
            .address(parts)
            .i64(rows.rows())
            .i64(rows.width())
            .i64(columns.length())
            .i32(Packs.fit(rows.width(), in.get(0), in.get(1)))
            .run(columns.grid(type));
        gpu.kernel(sums, "layer_norm_sums_join")
            .address(parts)
            .tensor(out.get(1))
            .tensor(out.get(2))
            .i64(columns.parts())
            .i64(rows.width())
            .run(columns.join());
      }
    };
  }

  // ---- batch norm ----

  private static ColumnGrid columns(TensorSpec x) {
    RowGrid rows = RowGrid.of(x);
    return ColumnGrid.of(rows.rows(), rows.width(), x.dtype());
  }

  private static CudaOp batchNorm(TensorSpec x, double eps) {
    CudaSource source = BATCH.with(x.dtype());
    ColumnGrid grid = columns(x);
    return (gpu, in, out) -> {
      moments(gpu, source, grid, in.getFirst(), out);
      apply(
          gpu,
          source,
          grid,
          eps,
          List.of(in.get(0), in.get(1), in.get(2), out.get(1), out.get(2)),
          out.getFirst());
    };
  }

  private static CudaOp batchNormInference(TensorSpec x, double eps) {
    CudaSource source = BATCH.with(x.dtype());
    ColumnGrid grid = columns(x);
    return (gpu, in, out) -> apply(gpu, source, grid, eps, in, out.getFirst());
  }

  /// From `x`, `gamma`, `beta`, `mean` and `variance` to `y`.
  private static void apply(
      CudaDevice gpu, CudaSource source, ColumnGrid grid, double eps, List<Tensor> in, Tensor y) {
    Launch launch = gpu.kernel(source, grid.variant("batch_norm_apply"));
    in.forEach(launch::tensor);
    launch
        .tensor(y)
        .i64(grid.rows())
        .i64(grid.columns())
        .f64(eps)
        .i32(Packs.fit(grid.columns(), in.getFirst(), y))
        .run(grid.grid(y.dtype()));
  }

  /// With a fourth input that is the residual.
  private static CudaOp batchNormRelu(TensorSpec x, double eps) {
    CudaSource source = BATCH.with(x.dtype());
    ColumnGrid grid = columns(x);
    return (gpu, in, out) -> {
      int last = in.size() == 4 ? 3 : 0;
      moments(gpu, source, grid, in.getFirst(), out);
      Launch launch =
          gpu.kernel(source, grid.variant("batch_norm_relu"))
              .tensor(in.get(0))
              .tensor(in.get(1))
              .tensor(in.get(2))
              .tensor(out.get(1))
              .tensor(out.get(2));
      optional(launch, in, 3)
          .tensor(out.getFirst())
          .i64(grid.rows())
          .i64(grid.columns())
          .f64(eps)
          .i32(Packs.fit(grid.columns(), in.getFirst(), in.get(last), out.getFirst()))
          .run(grid.grid(x.dtype()));
    };
  }

  /// Fills mean and variance, outputs 1 and 2.
  private static void moments(
      CudaDevice gpu, CudaSource source, ColumnGrid grid, Tensor x, List<Tensor> out) {
    DType type = x.dtype();
    long parts = gpu.scratch(grid.scratchBytes(type));
    gpu.kernel(source, grid.variant("batch_norm_moments"))
        .tensor(x)
        .address(parts)
        .i64(grid.rows())
        .i64(grid.columns())
        .i64(grid.length())
        .i32(Packs.fit(grid.columns(), x))
        .run(grid.grid(type));
    gpu.kernel(source, "batch_norm_join")
        .address(parts)
        .tensor(out.get(1))
        .tensor(out.get(2))
        .i64(grid.parts())
        .i64(grid.rows())
        .i64(grid.columns())
        .i64(grid.length())
        .run(grid.join());
  }

  private static CudaOp batchNormBackward(TensorSpec x, double eps) {
    DType type = x.dtype();
    CudaSource source = BATCH.with(type);
    ColumnGrid grid = columns(x);
    return (gpu, in, out) -> {
      long parts = gpu.scratch(grid.scratchBytes(type));
      Tensor dy = in.get(4);
      gpu.kernel(source, grid.variant("batch_norm_sums"))
          .tensor(in.get(0))
          .tensor(in.get(2))
          .tensor(in.get(3))
          .tensor(dy)
          .address(parts)
          .i64(grid.rows())
          .i64(grid.columns())
          .i64(grid.length())
          .f64(eps)
          .i32(Packs.fit(grid.columns(), in.get(0), dy))
          .run(grid.grid(type));
      backward(gpu, source, grid, eps, parts, in, dy, out);
    };
  }

  /// The sums write what passes the ReLU to `dresidual` where it is asked for, else to `dx`, from
  /// where the last launch takes it.
  private static CudaOp batchNormReluBackward(TensorSpec x, double eps) {
    DType type = x.dtype();
    CudaSource source = BATCH.with(type);
    ColumnGrid grid = columns(x);
    return (gpu, in, out) -> {
      long parts = gpu.scratch(grid.scratchBytes(type));
      Tensor masked = out.get(out.size() == 4 ? 3 : 0);
      gpu.kernel(source, grid.variant("batch_norm_relu_sums"))
          .tensor(in.get(0))
          .tensor(in.get(2))
          .tensor(in.get(3))
          .tensor(in.get(4))
          .tensor(in.get(5))
          .tensor(masked)
          .address(parts)
          .i64(grid.rows())
          .i64(grid.columns())
          .i64(grid.length())
          .f64(eps)
          .i32(Packs.fit(grid.columns(), in.get(0), in.get(4), in.get(5), masked))
          .run(grid.grid(type));
      backward(gpu, source, grid, eps, parts, in, masked, out);
    };
  }

  /// From the parts of the sums to dgamma and dbeta, and with those to dx.
  private static void backward(
      CudaDevice gpu,
      CudaSource source,
      ColumnGrid grid,
      double eps,
      long parts,
      List<Tensor> in,
      Tensor dy,
      List<Tensor> out) {
    gpu.kernel(source, "batch_norm_backward_join")
        .address(parts)
        .tensor(out.get(1))
        .tensor(out.get(2))
        .i64(grid.parts())
        .i64(grid.columns())
        .run(grid.join());
    gpu.kernel(source, grid.variant("batch_norm_backward"))
        .tensor(in.get(0))
        .tensor(in.get(1))
        .tensor(in.get(2))
        .tensor(in.get(3))
        .tensor(dy)
        .tensor(out.get(1))
        .tensor(out.get(2))
        .tensor(out.getFirst())
        .i64(grid.rows())
        .i64(grid.columns())
        .f64(eps)
        .i32(Packs.fit(grid.columns(), in.get(0), dy, out.getFirst()))
        .run(grid.grid(dy.dtype()));
  }
}
