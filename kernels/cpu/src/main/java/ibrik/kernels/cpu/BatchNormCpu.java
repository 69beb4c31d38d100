package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import ibrik.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/// Batch norm over `[rows, C]`: two passes of sums, one of results. The pass of results goes down
/// the columns of a block of rows, so that the constants of a channel stay in registers.
final class BatchNormCpu {
  private static final long BLOCK_FLOATS = 1 << 12;

  private BatchNormCpu() {}

  static void forward(CpuPool pool, List<Tensor> in, List<Tensor> out, double eps) {
    Tensor x = in.get(0);
    int channels = (int) x.dim(-1);
    long rows = x.elems() / channels;
    MemorySegment dx = x.data();
    MemorySegment mean = out.get(1).data();
    MemorySegment variance = out.get(2).data();
    double[] sums =
        ColumnSums.run(
            pool, rows, channels, 1, (f, n, s, at) -> ColumnSums.sum(dx, f, n, channels, s, at));
    for (int c = 0; c < channels; c++) {
      mean.set(FLOAT, c * 4L, (float) (sums[c] / rows));
    }
    double[] squares =
        ColumnSums.run(
            pool,
            rows,
            channels,
            1,
            (f, n, s, at) -> ColumnSums.squares(dx, mean, f, n, channels, s, at));
    for (int c = 0; c < channels; c++) {
      variance.set(FLOAT, c * 4L, (float) (squares[c] / rows));
    }
    affine(pool, x, in.get(1).data(), in.get(2).data(), mean, variance, out.get(0).data(), eps);
  }

  static void inference(CpuPool pool, List<Tensor> in, Tensor out, double eps) {
    affine(
        pool,
        in.get(0),
        in.get(1).data(),
        in.get(2).data(),
        in.get(3).data(),
        in.get(4).data(),
        out.data(),
        eps);
  }

  /// `y = (x - mean) * scale + beta` with `scale = gamma / sqrt(variance + eps)`.
  private static void affine(
      CpuPool pool,
      Tensor x,
      MemorySegment gamma,
      MemorySegment beta,
      MemorySegment mean,
      MemorySegment variance,
      MemorySegment y,
      double eps) {
    int channels = (int) x.dim(-1);
    long rows = x.elems() / Math.max(channels, 1);
    MemorySegment scale = Scratch.floats(Scratch.Slot.WEIGHTS, Math.max(channels, 1));
    for (int c = 0; c < channels; c++) {
      double r = 1 / Math.sqrt(variance.get(FLOAT, c * 4L) + eps);
      scale.set(FLOAT, c * 4L, (float) (gamma.get(FLOAT, c * 4L) * r));
    }
    MemorySegment from = x.data();
    long step = channels * 4L;
    forRows(
        pool,
        rows,
        channels,
        (first, last) -> {
          int c = 0;
          for (; c + COUNT <= channels; c += COUNT) {
            FloatVector m = load(mean, c * 4L);
            FloatVector factor = load(scale, c * 4L);
            FloatVector shift = load(beta, c * 4L);
            long end = last * step + c * 4L;
            for (long at = first * step + c * 4L; at < end; at += step) {
              load(from, at).sub(m).mul(factor).add(shift).intoMemorySegment(y, at, ORDER);
            }
          }
          for (; c < channels; c++) {
            float m = mean.get(FLOAT, c * 4L);
            float factor = scale.get(FLOAT, c * 4L);
            float shift = beta.get(FLOAT, c * 4L);
            long end = last * step + c * 4L;
            for (long at = first * step + c * 4L; at < end; at += step) {
              y.set(FLOAT, at, (from.get(FLOAT, at) - m) * factor + shift);
            }
          }
        });
  }

  static void backward(CpuPool pool, List<Tensor> in, List<Tensor> out, double eps) {
    Tensor x = in.get(0);
    int channels = (int) x.dim(-1);
    long rows = x.elems() / channels;
    MemorySegment from = x.data();
    MemorySegment gamma = in.get(1).data();
    MemorySegment mean = in.get(2).data();
    MemorySegment variance = in.get(3).data();
    MemorySegment dy = in.get(4).data();
    MemorySegment constants = Scratch.floats(Scratch.Slot.WEIGHTS, 4L * channels);
    MemorySegment r = constants.asSlice(0, channels * 4L);
    for (int c = 0; c < channels; c++) {
      r.set(FLOAT, c * 4L, (float) (1 / Math.sqrt(variance.get(FLOAT, c * 4L) + eps)));
    }
    double[] sums =
        ColumnSums.run(
            pool,
            rows,
            channels,
            2,
            (f, n, s, at) -> ColumnSums.gradients(from, dy, mean, r, f, n, channels, s, at));
    // dx = gamma r (dy - dbeta/m - xhat dgamma/m) = a dy + b (x - mean) + k
    MemorySegment a = constants.asSlice(channels * 4L, channels * 4L);
    MemorySegment b = constants.asSlice(channels * 8L, channels * 4L);
    MemorySegment k = constants.asSlice(channels * 12L, channels * 4L);
    for (int c = 0; c < channels; c++) {
      double dbeta = sums[c];
      double dgamma = sums[channels + c];
      double scale = gamma.get(FLOAT, c * 4L) * (double) r.get(FLOAT, c * 4L);
      a.set(FLOAT, c * 4L, (float) scale);
      b.set(FLOAT, c * 4L, (float) (-scale * r.get(FLOAT, c * 4L) * dgamma / rows));
      k.set(FLOAT, c * 4L, (float) (-scale * dbeta / rows));
      out.get(1).data().set(FLOAT, c * 4L, (float) dgamma);
      out.get(2).data().set(FLOAT, c * 4L, (float) dbeta);
    }
    MemorySegment dx = out.getFirst().data();
    long step = channels * 4L;
    forRows(
        pool,
        rows,
        channels,
        (first, last) -> {
          int c = 0;
          for (; c + COUNT <= channels; c += COUNT) {
            FloatVector m = load(mean, c * 4L);
            FloatVector av = load(a, c * 4L);
            FloatVector bv = load(b, c * 4L);
            FloatVector kv = load(k, c * 4L);
            long end = last * step + c * 4L;
            for (long at = first * step + c * 4L; at < end; at += step) {
              FloatVector centred = load(from, at).sub(m);
              load(dy, at).fma(av, centred.fma(bv, kv)).intoMemorySegment(dx, at, ORDER);
            }
          }
          for (; c < channels; c++) {
            float m = mean.get(FLOAT, c * 4L);
            float af = a.get(FLOAT, c * 4L);
            float bf = b.get(FLOAT, c * 4L);
            float kf = k.get(FLOAT, c * 4L);
            long end = last * step + c * 4L;
            for (long at = first * step + c * 4L; at < end; at += step) {
              dx.set(FLOAT, at, dy.get(FLOAT, at) * af + (from.get(FLOAT, at) - m) * bf + kf);
            }
          }
        });
  }

  private interface Rows {
    void run(long first, long last);
  }

  /// Runs `body` on blocks of rows that stay in the first-level cache, many per task.
  private static void forRows(CpuPool pool, long rows, int channels, Rows body) {
    long perTask = Math.max(1, Chunks.SIZE / Math.max(channels, 1));
    long block = Math.clamp(BLOCK_FLOATS / Math.max(channels, 1), 1, perTask);
    pool.run(
        (int) Math.ceilDiv(rows, perTask),
        task -> {
          long end = Math.min(rows, (task + 1) * perTask);
          for (long first = task * perTask; first < end; first += block) {
            body.run(first, Math.min(end, first + block));
          }
        });
  }

  private static FloatVector load(MemorySegment x, long offset) {
    return FloatVector.fromMemorySegment(F32, x, offset, ORDER);
  }
}
