package ibrik.kernels.cpu;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Normalize;
import java.util.List;

/// Binds [Normalize] to row kernels and batch norm.
final class NormalizeCpu {
  private NormalizeCpu() {}

  /// Whether `op` takes bf16 and f16: batch norms do.
  static boolean servesHalf(Normalize op, List<TensorSpec> in) {
    return switch (op) {
      case Normalize.BatchNorm _,
          Normalize.BatchNormBackward _,
          Normalize.BatchNormRelu _,
          Normalize.BatchNormReluBackward _,
          Normalize.BatchNormInference _ ->
          HalfKernels.half(in.getFirst().dtype());
      default -> false;
    };
  }

  static Kernel kernel(Normalize op, CpuPool pool) {
    return switch (op) {
      case Normalize.Softmax _ -> rows(pool, RowKernels::softmax);
      case Normalize.LogSoftmax _ -> rows(pool, RowKernels::logSoftmax);
      case Normalize.L2Normalize(double eps) ->
          rows(pool, (x, y, at, width) -> RowKernels.l2Normalize(x, y, at, width, eps));
      case Normalize.L2NormalizeBackward(double eps) ->
          (in, out) -> {
            Tensor x = in.get(0);
            int width = (int) x.dim(-1);
            var dx = x.data();
            var dy = in.get(1).data();
            var to = out.getFirst().data();
            forRows(pool, x, at -> RowKernels.l2NormalizeBackward(dx, dy, to, at, width, eps));
          };
      // The last pass of each reads a place of x (and dy) just before it writes that place.
      case Normalize.BatchNorm(double eps) ->
          overX((in, out) -> BatchNormCpu.forward(pool, in, out, eps));
      case Normalize.BatchNormBackward(double eps) ->
          overXOrDy((in, out) -> BatchNormCpu.backward(pool, in, out, eps));
      case Normalize.BatchNormRelu(double eps, boolean residual) ->
          batchNormRelu(pool, eps, residual);
      case Normalize.BatchNormReluBackward(double eps, boolean residual) -> {
        Kernel kernel = (in, out) -> BatchNormCpu.reluBackward(pool, in, out, eps);
        // Without a residual dx holds the masked dy while x is still read.
        yield residual ? kernel.overwriting(0, 4, 5) : kernel.overwriting(4, 5);
      }
      case Normalize.LayerNorm(double eps) ->
          overX((in, out) -> LayerNormCpu.forward(pool, in, out.getFirst(), eps));
      case Normalize.LayerNormBackward(double eps) -> {
        Kernel kernel = (in, out) -> LayerNormCpu.backward(pool, in, out, eps);
        yield kernel.overwriting(0, 1);
      }
      case Normalize.BatchNormInference(double eps) ->
          overX((in, out) -> BatchNormCpu.inference(pool, in, out.getFirst(), eps));
    };
  }

  private static Kernel batchNormRelu(CpuPool pool, double eps, boolean residual) {
    Kernel alone = (in, out) -> BatchNormCpu.forwardRelu(pool, in, out, eps);
    Kernel added = (in, out) -> BatchNormCpu.forwardAddRelu(pool, in, out, eps);
    return residual ? added.overwriting(0, 3) : alone.overwriting(0);
  }

  private static Kernel overX(Kernel kernel) {
    return kernel.overwriting(0);
  }

  private static Kernel overXOrDy(Kernel kernel) {
    return kernel.overwriting(0, 4);
  }

  private interface Row {
    void run(
        java.lang.foreign.MemorySegment x, java.lang.foreign.MemorySegment y, long at, int width);
  }

  private interface RowAt {
    void run(long at);
  }

  private static Kernel rows(CpuPool pool, Row row) {
    return (List<Tensor> in, List<Tensor> out) -> {
      Tensor x = in.getFirst();
      int width = (int) x.dim(-1);
      var from = x.data();
      var to = out.getFirst().data();
      forRows(pool, x, at -> row.run(from, to, at, width));
    };
  }

  /// Hands each row's first byte to `body`, several rows a task.
  private static void forRows(CpuPool pool, Tensor x, RowAt body) {
    long width = x.dim(-1);
    if (x.elems() == 0) {
      return;
    }
    long rows = x.elems() / width;
    long perTask = Math.max(1, Chunks.SIZE / 4 / width);
    pool.run(
        (int) Math.ceilDiv(rows, perTask),
        task -> {
          for (long i = task * perTask; i < Math.min(rows, (task + 1) * perTask); i++) {
            body.run(i * width * 4);
          }
        });
  }
}
