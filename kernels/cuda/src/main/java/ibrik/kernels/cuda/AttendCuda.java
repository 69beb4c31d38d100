package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Attend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [Attend]. Head sizes are compiled in; heads too large for shared memory are composed.
final class AttendCuda {
  static final CudaFile ATTENTION = CudaFile.of("attend/attention.cu", 256, CudaFile.FLOATS);

  private static final int SHARED_BYTES = 48 << 10;

  private AttendCuda() {}

  static @Nullable CudaOp op(Attend op, List<TensorSpec> in) {
    TensorSpec q = in.getFirst();
    Sizes n =
        new Sizes(
            q.shape().dim(0) * q.shape().dim(1),
            q.shape().dim(2),
            in.get(2).shape().dim(2),
            q.shape().dim(3),
            in.get(2).shape().dim(3));
    int tile = n.tile(ColumnGrid.accumulatorBytes(q.dtype()));
    if (!ATTENTION.serves(q.dtype()) || tile == 0) {
      return null;
    }
    CudaSource source =
        ATTENTION
            .with(q.dtype())
            .define("TILE", tile)
            .define("DEPTH", n.depth)
            .define("WIDTH", n.width);
    return switch (op) {
      case Attend.Attention(double scale) ->
          (gpu, args, out) ->
              run(gpu, gpu.kernel(source, "attention_v1"), args, out, n, scale, n.queries, tile);
      case Attend.AttentionBackward(double scale) ->
          (gpu, args, out) -> {
            Launch queries = gpu.kernel(source, "attention_backward_queries");
            run(gpu, queries, args, out.subList(0, 1), n, scale, n.queries, tile);
            Launch keys = gpu.kernel(source, "attention_backward_keys");
            run(gpu, keys, args, out.subList(1, 3), n, scale, n.keys, tile);
          };
    };
  }

  private record Sizes(long heads, long queries, long keys, long depth, long width) {
    /// Rows of a tile: the most that leave all tiles of a block in shared memory, or 0.
    int tile(int bytes) {
      for (int tile = 32; tile >= 8; tile /= 2) {
        if (tile * 2 * (depth + 1 + width + 1 + tile + 1) * bytes <= SHARED_BYTES) {
          return tile;
        }
      }
      return 0;
    }
  }

  private static void run(
      CudaDevice gpu,
      Launch launch,
      List<Tensor> in,
      List<Tensor> out,
      Sizes n,
      double scale,
      long rows,
      int tile) {
    in.forEach(launch::tensor);
    out.forEach(launch::tensor);
    launch
        .i64(n.heads)
        .i64(n.queries)
        .i64(n.keys)
        .f64(scale)
        .run(
            Grid.of(
                Math.min(n.heads * Math.ceilDiv(rows, tile), gpu.fullGrid()), ATTENTION.threads()));
  }
}
