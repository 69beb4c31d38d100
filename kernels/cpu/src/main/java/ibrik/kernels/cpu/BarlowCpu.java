package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.FLOAT;

import ibrik.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Barlow Twins: both views standardised once; then sums over their correlation by way of [Grams]
/// where there are few rows, else the correlation itself in strips of columns.
final class BarlowCpu {
  /// A standardised view with its statistics.
  private record View(MemorySegment standard, MemorySegment mean, MemorySegment r) {}

  private BarlowCpu() {}

  static void forward(CpuPool pool, List<Tensor> in, Tensor out, double lambda, double eps) {
    int rows = (int) in.getFirst().dim(0);
    int width = (int) in.getFirst().dim(1);
    View[] views = views(pool, in, rows, width, eps);
    double[] diagonal = new double[width];
    double[] others = new double[width];
    if (Grams.pay(rows, width)) {
      narrow(pool, views, rows, width, diagonal, others);
    } else {
      wide(pool, views, rows, width, diagonal, others);
    }
    MemorySegment loss = out.data();
    for (int i = 0; i < width; i++) {
      double off = 1 - diagonal[i];
      loss.set(FLOAT, i * 4L, (float) (off * off + lambda * others[i] / rows / rows));
    }
  }

  /// Sums of squares by the rows.
  private static void narrow(
      CpuPool pool, View[] views, int rows, int width, double[] diagonal, double[] others) {
    MemorySegment one = views[0].standard;
    MemorySegment two = views[1].standard;
    double[] own = Grams.dots(pool, one, two, rows, width);
    double[] beside = Grams.others(pool, one, two, rows, width, own);
    for (int i = 0; i < width; i++) {
      diagonal[i] = own[i] / rows;
      others[i] = beside[i];
    }
  }

  /// The same by the columns themselves.
  private static void wide(
      CpuPool pool, View[] views, int rows, int width, double[] diagonal, double[] others) {
    correlation(
        pool,
        views,
        rows,
        width,
        (first, count, strip) ->
            Strips.rows(
                pool,
                width,
                count,
                (i, at) -> {
                  if (i >= first && i < first + count) {
                    long there = at + (i - first) * 4L;
                    diagonal[i] = strip.get(FLOAT, there) / rows;
                    strip.set(FLOAT, there, 0);
                  }
                  others[i] += RowKernels.dot(strip, strip, at, count);
                }));
  }

  static void backward(CpuPool pool, List<Tensor> in, List<Tensor> out, double lambda, double eps) {
    int rows = (int) in.getFirst().dim(0);
    int width = (int) in.getFirst().dim(1);
    View[] views = views(pool, in, rows, width, eps);
    MemorySegment dloss = in.get(2).data();
    // First the gradients for the standardised views.
    MemorySegment d1 = out.get(0).data();
    MemorySegment d2 = out.get(1).data();
    if (Grams.pay(rows, width)) {
      narrowBackward(pool, views, rows, width, dloss, lambda, d1, d2);
    } else {
      wideBackward(pool, views, rows, width, dloss, lambda, d1, d2);
    }
    for (int view = 0; view < 2; view++) {
      Centred.standardizeBackward(
          pool,
          in.get(view).data(),
          rows,
          width,
          views[view].mean,
          views[view].r,
          views[view].standard,
          out.get(view).data());
    }
  }

  /// `d1 = 2 lambda / B^2 (z2 z2^T) z1 U + z2 V`, `d2 = 2 lambda / B^2 (z1 U z1^T) z2 + z1 V` with
  /// the diagonals U of `dloss` and V of what the diagonal of C has beside its part of the sums.
  private static void narrowBackward(
      CpuPool pool,
      View[] views,
      int rows,
      int width,
      MemorySegment dloss,
      double lambda,
      MemorySegment d1,
      MemorySegment d2) {
    MemorySegment one = views[0].standard;
    MemorySegment two = views[1].standard;
    double[] own = Grams.dots(pool, one, two, rows, width);
    float[] weight = new float[width];
    float[] diagonal = new float[width];
    for (int i = 0; i < width; i++) {
      double u = 2.0 * dloss.get(FLOAT, i * 4L) / rows;
      double c = own[i] / rows;
      weight[i] = (float) (u * lambda / rows);
      diagonal[i] = (float) (u * (c - 1 - lambda * c));
    }
    Grams.times(pool, Grams.of(pool, two, two, rows, width), one, rows, width, d1, false);
    Centred.combined(pool, rows, width, d1, weight, two, diagonal, d1);
    MemorySegment weighted = Scratch.floats(Scratch.Slot.IMAGE, (long) rows * width);
    Centred.weighted(pool, rows, width, one, weight, weighted);
    Centred.weighted(pool, rows, width, one, diagonal, d2);
    Grams.times(pool, Grams.of(pool, weighted, one, rows, width), two, rows, width, d2, true);
  }

  private static void wideBackward(
      CpuPool pool,
      View[] views,
      int rows,
      int width,
      MemorySegment dloss,
      double lambda,
      MemorySegment d1,
      MemorySegment d2) {
    correlation(
        pool,
        views,
        rows,
        width,
        (first, count, strip) -> {
          Strips.rows(
              pool,
              width,
              count,
              (i, at) -> {
                double weight = 2.0 * dloss.get(FLOAT, i * 4L) / rows;
                long there = at + (i - first) * 4L;
                boolean here = i >= first && i < first + count;
                double c = here ? strip.get(FLOAT, there) / (double) rows : 0;
                RowKernels.scale(strip, strip, at, count, (float) (weight * lambda / rows));
                if (here) {
                  strip.set(FLOAT, there, (float) (weight * (c - 1)));
                }
              });
          Gemm.Operand one = new Gemm.Operand(views[0].standard, 0, rows, width, false);
          Gemm.Operand two = new Gemm.Operand(views[1].standard, 0, rows, width, false);
          Gemm.Operand dc = new Gemm.Operand(strip, 0, width, count, false);
          Gemm.Operand dcT = new Gemm.Operand(strip, 0, count, width, true);
          Gemm.run(pool, one, dc, d2, first * 4L, width, false);
          Gemm.run(pool, two.strip(first, count), dcT, d1, 0, width, first > 0);
        });
  }

  /// Strips of `B C`.
  private static void correlation(
      CpuPool pool, View[] views, int rows, int width, Strips.Body body) {
    Strips.run(
        pool,
        new Gemm.Operand(views[0].standard, 0, width, rows, true),
        new Gemm.Operand(views[1].standard, 0, rows, width, false),
        body);
  }

  private static View[] views(CpuPool pool, List<Tensor> in, int rows, int width, double eps) {
    long matrix = (long) rows * width * 4;
    long row = width * 4L;
    MemorySegment all = Scratch.floats(Scratch.Slot.WEIGHTS, (matrix + 2 * row) / 4 * 2);
    View[] views = new View[2];
    for (int i = 0; i < 2; i++) {
      MemorySegment part = all.asSlice(i * (matrix + 2 * row), matrix + 2 * row);
      views[i] =
          new View(
              part.asSlice(0, matrix), part.asSlice(matrix, row), part.asSlice(matrix + row, row));
      Centred.standardize(
          pool, in.get(i).data(), rows, width, eps, views[i].mean, views[i].r, views[i].standard);
    }
    return views;
  }
}
