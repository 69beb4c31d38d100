package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.FLOAT;

import ibrik.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Barlow Twins: both views standardised once, their correlation in strips of columns.
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
    MemorySegment loss = out.data();
    for (int i = 0; i < width; i++) {
      double off = 1 - diagonal[i];
      loss.set(FLOAT, i * 4L, (float) (off * off + lambda * others[i] / rows / rows));
    }
  }

  static void backward(CpuPool pool, List<Tensor> in, List<Tensor> out, double lambda, double eps) {
    int rows = (int) in.getFirst().dim(0);
    int width = (int) in.getFirst().dim(1);
    View[] views = views(pool, in, rows, width, eps);
    MemorySegment dloss = in.get(2).data();
    // First the gradients for the standardised views.
    MemorySegment d1 = out.get(0).data();
    MemorySegment d2 = out.get(1).data();
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
