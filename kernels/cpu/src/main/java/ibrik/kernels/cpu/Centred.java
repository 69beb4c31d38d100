package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Statistics over the rows of a batch `[rows, columns]` and what is made from them. Vectors hold
/// one float per column; nothing here uses scratch memory but [ColumnSums].
final class Centred {
  private Centred() {}

  static void mean(CpuPool pool, MemorySegment z, int rows, int columns, MemorySegment mean) {
    double[] sums =
        ColumnSums.run(
            pool, rows, columns, 1, (f, n, s, at) -> ColumnSums.sum(z, f, n, columns, s, at));
    for (int j = 0; j < columns; j++) {
      mean.set(FLOAT, j * 4L, (float) (sums[j] / rows));
    }
  }

  /// `sum (z - mean)^2` per column.
  static double[] squares(
      CpuPool pool, MemorySegment z, int rows, int columns, MemorySegment mean) {
    return ColumnSums.run(
        pool, rows, columns, 1, (f, n, s, at) -> ColumnSums.squares(z, mean, f, n, columns, s, at));
  }

  /// `to = (z - mean) factor`.
  static void scaled(
      CpuPool pool,
      MemorySegment z,
      int rows,
      int columns,
      MemorySegment mean,
      MemorySegment factor,
      MemorySegment to) {
    Strips.rows(
        pool,
        rows,
        columns,
        (_, at) -> {
          int j = 0;
          for (; j + COUNT <= columns; j += COUNT) {
            load(z, at + j * 4L)
                .sub(load(mean, j * 4L))
                .mul(load(factor, j * 4L))
                .intoMemorySegment(to, at + j * 4L, ORDER);
          }
          for (; j < columns; j++) {
            float centred = z.get(FLOAT, at + j * 4L) - mean.get(FLOAT, j * 4L);
            to.set(FLOAT, at + j * 4L, centred * factor.get(FLOAT, j * 4L));
          }
        });
  }

  /// `to = a f + b g` with a factor per column; `to` may be a or b.
  static void combined(
      CpuPool pool,
      int rows,
      int columns,
      MemorySegment a,
      float[] f,
      MemorySegment b,
      float[] g,
      MemorySegment to) {
    Strips.rows(
        pool,
        rows,
        columns,
        (_, at) -> {
          int j = 0;
          for (; j + COUNT <= columns; j += COUNT) {
            FloatVector left = load(a, at + j * 4L).mul(FloatVector.fromArray(F32, f, j));
            load(b, at + j * 4L)
                .mul(FloatVector.fromArray(F32, g, j))
                .add(left)
                .intoMemorySegment(to, at + j * 4L, ORDER);
          }
          for (; j < columns; j++) {
            float left = a.get(FLOAT, at + j * 4L) * f[j];
            to.set(FLOAT, at + j * 4L, b.get(FLOAT, at + j * 4L) * g[j] + left);
          }
        });
  }

  /// `to = z f` with a factor per column.
  static void weighted(
      CpuPool pool, int rows, int columns, MemorySegment z, float[] f, MemorySegment to) {
    Strips.rows(
        pool,
        rows,
        columns,
        (_, at) -> {
          int j = 0;
          for (; j + COUNT <= columns; j += COUNT) {
            load(z, at + j * 4L)
                .mul(FloatVector.fromArray(F32, f, j))
                .intoMemorySegment(to, at + j * 4L, ORDER);
          }
          for (; j < columns; j++) {
            to.set(FLOAT, at + j * 4L, z.get(FLOAT, at + j * 4L) * f[j]);
          }
        });
  }

  /// `to = (z - mean) r` with `r = 1 / sqrt(variance + eps)` and the biased variance; fills mean
  /// and r.
  static void standardize(
      CpuPool pool,
      MemorySegment z,
      int rows,
      int columns,
      double eps,
      MemorySegment mean,
      MemorySegment r,
      MemorySegment to) {
    mean(pool, z, rows, columns, mean);
    double[] squares = squares(pool, z, rows, columns, mean);
    for (int j = 0; j < columns; j++) {
      r.set(FLOAT, j * 4L, (float) (1 / Math.sqrt(squares[j] / rows + eps)));
    }
    scaled(pool, z, rows, columns, mean, r, to);
  }

  /// The gradient of [#standardize] in place: `d = r (d - mean d - standard mean(d standard))`.
  static void standardizeBackward(
      CpuPool pool,
      MemorySegment z,
      int rows,
      int columns,
      MemorySegment mean,
      MemorySegment r,
      MemorySegment standard,
      MemorySegment d) {
    double[] sums =
        ColumnSums.run(
            pool,
            rows,
            columns,
            2,
            (f, n, s, at) -> ColumnSums.gradients(z, d, mean, r, f, n, columns, s, at));
    float[] shift = new float[columns];
    float[] along = new float[columns];
    for (int j = 0; j < columns; j++) {
      shift[j] = (float) (sums[j] / rows);
      along[j] = (float) (sums[columns + j] / rows);
    }
    Strips.rows(
        pool,
        rows,
        columns,
        (_, at) -> {
          int j = 0;
          for (; j + COUNT <= columns; j += COUNT) {
            FloatVector back =
                load(standard, at + j * 4L).mul(FloatVector.fromArray(F32, along, j));
            load(d, at + j * 4L)
                .sub(FloatVector.fromArray(F32, shift, j))
                .sub(back)
                .mul(load(r, j * 4L))
                .intoMemorySegment(d, at + j * 4L, ORDER);
          }
          for (; j < columns; j++) {
            float back = standard.get(FLOAT, at + j * 4L) * along[j];
            float value = (d.get(FLOAT, at + j * 4L) - shift[j] - back) * r.get(FLOAT, j * 4L);
            d.set(FLOAT, at + j * 4L, value);
          }
        });
  }

  private static FloatVector load(MemorySegment x, long offset) {
    return FloatVector.fromMemorySegment(F32, x, offset, ORDER);
  }
}
