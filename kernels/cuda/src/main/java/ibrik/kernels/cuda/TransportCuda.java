package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Transport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [Transport]. The device itself chooses between exponentials and logarithms, so the
/// whole iteration is enqueued without a look at the scores.
final class TransportCuda {
  static final CudaFile SINKHORN =
      CudaFile.of("transport/sinkhorn.cu", 256, List.of(DType.F32, DType.F64));

  /// Parts that the rows are cut into, at most: two for each multiprocessor of a large GPU, whose
  /// sums per column are still small beside the scores.
  private static final long PARTS = 256;

  /// Columns that a thread holds in registers, at most.
  private static final int MOST_COLUMNS = 16;

  /// Products of E and its scalings stay this far, in exponents, from the smallest normal number.
  private static final double LIMIT_F32 = 80;

  private static final double LIMIT_F64 = 700;

  private TransportCuda() {}

  static @Nullable CudaOp op(Transport op, List<TensorSpec> in) {
    TensorSpec scores = in.getFirst();
    if (!SINKHORN.serves(scores.dtype())) {
      return null;
    }
    return switch (op) {
      case Transport.SinkhornKnopp(double epsilon, int iterations) ->
          sinkhorn(scores, 1 / epsilon, iterations).overwriting(0);
    };
  }

  private static CudaOp sinkhorn(TensorSpec scores, double inverse, int iterations) {
    long samples = scores.shape().dim(0);
    long prototypes = scores.shape().dim(1);
    if (samples == 0 || prototypes == 0) {
      return (_, _, _) -> {};
    }
    int threads = SINKHORN.threads();
    int held = Math.toIntExact(Math.min(MOST_COLUMNS + 1, Math.ceilDiv(prototypes, threads)));
    boolean registers = held <= MOST_COLUMNS;
    CudaSource source = SINKHORN.with(scores.dtype());
    CudaSource rowSource = registers ? source.define("COLUMNS", held) : source;
    String rowKernel = registers ? "sinkhorn_rows_registers" : "sinkhorn_rows_v1";
    long rows = Math.ceilDiv(samples, PARTS);
    long parts = Math.ceilDiv(samples, rows);
    long across = Math.ceilDiv(prototypes, threads);
    long ranges = across * parts;
    long size = scores.dtype().bytes(1);
    double limit = scores.dtype() == DType.F64 ? LIMIT_F64 : LIMIT_F32;
    Grid joins = Grid.of(Math.ceilDiv(prototypes, 32), 1, 1, 32, 32);
    return (gpu, in, out) -> {
      long control = gpu.scratch((2 + prototypes + 2 * ranges + 2 * parts * prototypes) * size);
      long f = control + 2 * size;
      long low = f + prototypes * size;
      long high = low + ranges * size;
      long most = high + ranges * size;
      long sum = most + parts * prototypes * size;
      gpu.kernel(rowSource, "sinkhorn_columns")
          .tensor(in.getFirst())
          .address(most)
          .address(sum)
          .address(low)
          .address(high)
          .i64(samples)
          .i64(prototypes)
          .i64(rows)
          .f64(inverse)
          .run(Grid.of(across, parts, 1, threads, 1));
      gpu.kernel(rowSource, "sinkhorn_begin")
          .address(most)
          .address(sum)
          .address(low)
          .address(high)
          .address(f)
          .address(control)
          .i64(parts)
          .i64(ranges)
          .i64(prototypes)
          .f64((double) samples * prototypes)
          .f64(limit)
          .run(joins);
      for (int i = 1; i <= iterations; i++) {
        gpu.kernel(rowSource, rowKernel)
            .tensor(in.getFirst())
            .tensor(out.getFirst())
            .address(f)
            .address(most)
            .address(sum)
            .address(control)
            .i64(samples)
            .i64(prototypes)
            .i64(rows)
            .f64(inverse)
            .i32(i == iterations ? 1 : 0)
            .run(Grid.of(parts, threads));
        if (i < iterations) {
          gpu.kernel(rowSource, "sinkhorn_join")
              .address(most)
              .address(sum)
              .address(f)
              .address(control)
              .i64(parts)
              .i64(prototypes)
              .run(joins);
        }
      }
    };
  }
}
