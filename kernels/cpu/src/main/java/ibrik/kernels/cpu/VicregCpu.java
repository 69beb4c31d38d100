package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import ibrik.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/// The variance and covariance terms of VICReg: covariances by way of [Grams] where there are few
/// rows, else in strips of columns.
final class VicregCpu {
  private VicregCpu() {}

  static void variance(CpuPool pool, Tensor z, Tensor out, double target, double eps) {
    int rows = (int) z.dim(0);
    int width = (int) z.dim(1);
    MemorySegment mean = Scratch.floats(Scratch.Slot.WEIGHTS, width);
    Centred.mean(pool, z.data(), rows, width, mean);
    double[] squares = Centred.squares(pool, z.data(), rows, width, mean);
    for (int j = 0; j < width; j++) {
      double deviation = Math.sqrt(squares[j] / (rows - 1) + eps);
      out.data().set(FLOAT, j * 4L, (float) Math.max(0, target - deviation));
    }
  }

  static void varianceBackward(
      CpuPool pool, List<Tensor> in, Tensor out, double target, double eps) {
    int rows = (int) out.dim(0);
    int width = (int) out.dim(1);
    MemorySegment z = in.getFirst().data();
    MemorySegment vectors = Scratch.floats(Scratch.Slot.WEIGHTS, 2L * width);
    MemorySegment mean = vectors.asSlice(0, width * 4L);
    MemorySegment factor = vectors.asSlice(width * 4L, width * 4L);
    Centred.mean(pool, z, rows, width, mean);
    double[] squares = Centred.squares(pool, z, rows, width, mean);
    for (int j = 0; j < width; j++) {
      double deviation = Math.sqrt(squares[j] / (rows - 1) + eps);
      double slope = deviation < target ? 1 / deviation / (1 - rows) : 0;
      factor.set(FLOAT, j * 4L, (float) (slope * in.get(1).data().get(FLOAT, j * 4L)));
    }
    Centred.scaled(pool, z, rows, width, mean, factor, out.data());
  }

  static void covariance(CpuPool pool, Tensor z, Tensor out) {
    int rows = (int) z.dim(0);
    int width = (int) z.dim(1);
    MemorySegment centred = centred(pool, z);
    double[] sums =
        Grams.pay(rows, width)
            ? narrow(pool, centred, rows, width)
            : wide(pool, centred, rows, width);
    for (int i = 0; i < width; i++) {
      out.data().set(FLOAT, i * 4L, (float) (sums[i] / (rows - 1) / (rows - 1)));
    }
  }

  /// Squares of products of different columns, by the rows.
  private static double[] narrow(CpuPool pool, MemorySegment centred, int rows, int width) {
    double[] own = Grams.dots(pool, centred, centred, rows, width);
    return Grams.others(pool, centred, centred, rows, width, own);
  }

  /// The same by the columns themselves.
  private static double[] wide(CpuPool pool, MemorySegment centred, int rows, int width) {
    double[] sums = new double[width];
    products(
        pool,
        centred,
        rows,
        width,
        (first, count, strip) ->
            Strips.rows(
                pool,
                width,
                count,
                (i, at) -> {
                  clearDiagonal(strip, at, i, first, count);
                  sums[i] += RowKernels.dot(strip, strip, at, count);
                }));
    return sums;
  }

  static void covarianceBackward(CpuPool pool, List<Tensor> in, Tensor out) {
    int rows = (int) out.dim(0);
    int width = (int) out.dim(1);
    MemorySegment dloss = in.get(1).data();
    MemorySegment centred = centred(pool, in.getFirst());
    double scale = 2.0 / (rows - 1) / (rows - 1);
    if (Grams.pay(rows, width)) {
      narrowBackward(pool, centred, rows, width, dloss, scale, out.data());
    } else {
      wideBackward(pool, centred, rows, width, dloss, (float) scale, out.data());
    }
  }

  /// `dz = scale (z U z^T z + z z^T z U - 2 z U diag(z^T z))` with the diagonal U of `dloss`. Where
  /// the loss is a mean, as it usually is, the first two terms are equal.
  private static void narrowBackward(
      CpuPool pool,
      MemorySegment z,
      int rows,
      int width,
      MemorySegment dloss,
      double scale,
      MemorySegment dz) {
    double[] own = Grams.dots(pool, z, z, rows, width);
    float[] weight = new float[width];
    boolean equal = true;
    for (int i = 0; i < width; i++) {
      weight[i] = (float) (dloss.get(FLOAT, i * 4L) * scale);
      equal &= weight[i] == weight[0];
    }
    float[] along = new float[width];
    float[] back = new float[width];
    for (int i = 0; i < width; i++) {
      along[i] = equal ? 2 * weight[i] : weight[i];
      back[i] = (float) (-2 * own[i] * weight[i]);
    }
    Grams.times(pool, Grams.of(pool, z, z, rows, width), z, rows, width, dz, false);
    Centred.combined(pool, rows, width, dz, along, z, back, dz);
    if (!equal) {
      MemorySegment weighted = Scratch.floats(Scratch.Slot.IMAGE, (long) rows * width);
      Centred.weighted(pool, rows, width, z, weight, weighted);
      Grams.times(pool, Grams.of(pool, weighted, z, rows, width), z, rows, width, dz, true);
    }
  }

  private static void wideBackward(
      CpuPool pool,
      MemorySegment centred,
      int rows,
      int width,
      MemorySegment dloss,
      float scale,
      MemorySegment dz) {
    products(
        pool,
        centred,
        rows,
        width,
        (first, count, strip) -> {
          Strips.rows(
              pool,
              width,
              count,
              (i, at) -> {
                float own = dloss.get(FLOAT, i * 4L);
                weigh(strip, at, count, own, dloss, first * 4L, scale);
                clearDiagonal(strip, at, i, first, count);
              });
          Gemm.run(
              pool,
              new Gemm.Operand(centred, 0, rows, width, false),
              new Gemm.Operand(strip, 0, width, count, false),
              dz,
              first * 4L,
              width,
              false);
        });
  }

  /// `x_j = x_j (own + weight_j) scale`.
  private static void weigh(
      MemorySegment x,
      long at,
      int count,
      float own,
      MemorySegment weight,
      long weightAt,
      float scale) {
    int j = 0;
    for (; j + COUNT <= count; j += COUNT) {
      FloatVector both = load(weight, weightAt + j * 4L).add(own).mul(scale);
      load(x, at + j * 4L).mul(both).intoMemorySegment(x, at + j * 4L, ORDER);
    }
    for (; j < count; j++) {
      float both = (weight.get(FLOAT, weightAt + j * 4L) + own) * scale;
      x.set(FLOAT, at + j * 4L, x.get(FLOAT, at + j * 4L) * both);
    }
  }

  private static void clearDiagonal(MemorySegment strip, long at, int i, int first, int count) {
    if (i >= first && i < first + count) {
      long place = at + (i - first) * 4L;
      // As the composition's product with 0: what is no finite number leaves a NaN.
      strip.set(FLOAT, place, Float.isFinite(strip.get(FLOAT, place)) ? 0 : Float.NaN);
    }
  }

  /// Strips of `(B - 1) Cov`.
  private static void products(
      CpuPool pool, MemorySegment centred, int rows, int width, Strips.Body body) {
    Strips.run(
        pool,
        new Gemm.Operand(centred, 0, width, rows, true),
        new Gemm.Operand(centred, 0, rows, width, false),
        body);
  }

  private static MemorySegment centred(CpuPool pool, Tensor z) {
    int rows = (int) z.dim(0);
    int width = (int) z.dim(1);
    MemorySegment all = Scratch.floats(Scratch.Slot.WEIGHTS, ((long) rows + 2) * width);
    MemorySegment mean = all.asSlice((long) rows * width * 4, width * 4L);
    MemorySegment ones = all.asSlice(((long) rows + 1) * width * 4, width * 4L);
    Centred.mean(pool, z.data(), rows, width, mean);
    for (int j = 0; j < width; j++) {
      ones.set(FLOAT, j * 4L, 1);
    }
    Centred.scaled(pool, z.data(), rows, width, mean, ones, all);
    return all;
  }

  private static FloatVector load(MemorySegment x, long offset) {
    return FloatVector.fromMemorySegment(F32, x, offset, ORDER);
  }
}
