package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.FLOAT;

import ibrik.kernels.cpu.QuantizeLoops.Parameters;
import ibrik.kernels.cpu.QuantizeSums.Point;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.QuantGrid;
import ibrik.tensor.op.Quantize;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Binds [Quantize]. x is seen as `[outer, channels, inner]` with the axis of the parameters in the
/// middle. Ops that are one other op and a trifle compose, and so do the sums of parameters along
/// the last axis.
///
/// Traffic of the streaming kernels: 8 bytes per element forward, 12 backward.
final class QuantizeCpu {
  private QuantizeCpu() {}

  static @Nullable Kernel kernel(Quantize op, List<TensorSpec> in, CpuPool pool) {
    return switch (op) {
      case Quantize.StraightThroughRound() ->
          (args, out) -> {
            MemorySegment x = args.getFirst().data();
            MemorySegment y = out.getFirst().data();
            Chunks.run(
                pool, args.getFirst().elems(), (from, to) -> UnaryLoops.round(x, y, from, to));
          };
      case Quantize.FakeQuantize(QuantGrid grid, int axis) -> {
        View view = View.of(in, 2, axis);
        QuantizeLoops.Loop loop = grid.divide() ? QuantizeLoops::divide : QuantizeLoops::multiply;
        yield (args, out) -> stream(pool, view, grid, loop, args, args.get(0), out.getFirst());
      }
      case Quantize.FakeQuantizeBackward(QuantGrid grid, int axis) -> {
        View view = View.of(in, 2, axis);
        QuantizeLoops.Loop loop =
            grid.divide() ? QuantizeLoops::divideBackward : QuantizeLoops::multiplyBackward;
        yield (args, out) -> stream(pool, view, grid, loop, args, args.get(3), out.getFirst());
      }
      case Quantize.FakeQuantizeParametersBackward(QuantGrid grid, int axis) -> {
        View view = View.of(in, 2, axis);
        QuantizeSums.Loop loop = grid.divide() ? QuantizeSums::divide : QuantizeSums::multiply;
        yield view.columns()
            ? null
            : (args, out) -> {
              Tensor zero = args.get(2);
              double[] sums = sums(pool, view, grid, loop, args, zero, args.get(3), out.get(0));
              store(sums, 0, out.get(1), 1);
              store(sums, 1, out.get(2), 1);
            };
      }
      case Quantize.LsqQuantizeBackward(QuantGrid grid, int axis, double factor) -> {
        View view = View.of(in, 1, axis);
        yield view.columns()
            ? null
            : (args, out) -> {
              double[] sums =
                  sums(pool, view, grid, QuantizeSums::lsq, args, null, args.get(2), out.get(0));
              store(sums, 0, out.get(1), factor);
            };
      }
      case Quantize.PactQuantize(int levels) -> PactCpu.forward(levels, pool);
      case Quantize.PactQuantizeBackward() -> PactCpu.backward(pool);
      case Quantize.LearnedFakeQuantize _, Quantize.LsqQuantize _, Quantize.QuantizeInt8 _ -> null;
    };
  }

  /// x as three axes; `channels` is 1 where one scale and zero point serve all.
  private record View(long outer, int channels, long inner) {
    static View of(List<TensorSpec> in, int parameters, int axis) {
      Shape x = in.getFirst().shape();
      boolean one = in.subList(1, 1 + parameters).stream().allMatch(spec -> spec.elems() == 1);
      return one
          ? new View(1, 1, x.elems())
          : new View(x.elemsBefore(axis), (int) x.dim(axis), x.elemsAfter(axis));
    }

    /// Whether neighbours in memory have different parameters.
    boolean columns() {
      return channels > 1 && inner == 1;
    }

    /// Pieces of one row of equal parameters, so that a long row is shared out.
    int pieces() {
      return (int) Math.max(1, Math.ceilDiv(inner, Chunks.SIZE));
    }
  }

  private static Point point(QuantGrid grid, Tensor scale, @Nullable Tensor zero, int channel) {
    float s = at(scale, channel);
    float z = zero == null ? 0 : (float) Math.rint(at(zero, channel));
    boolean first = grid.zeroBeforeRound();
    return new Point(
        s, grid.divide() ? s : 1 / s, first ? z : 0, first ? 0 : z, z, grid.low(), grid.high());
  }

  private static float at(Tensor parameter, int channel) {
    return parameter.data().get(FLOAT, parameter.elems() == 1 ? 0 : channel * 4L);
  }

  /// Puts the parameters of `channel` into columns `from ... to-1`.
  private static void fill(Point p, MemorySegment data, int width, int from, int to) {
    for (int i = from; i < to; i++) {
      data.set(FLOAT, ((long) Parameters.FACTOR * width + i) * 4, p.factor());
      data.set(FLOAT, ((long) Parameters.BEFORE * width + i) * 4, p.before());
      data.set(FLOAT, ((long) Parameters.AFTER * width + i) * 4, p.after());
      data.set(FLOAT, ((long) Parameters.ZERO * width + i) * 4, p.zero());
      data.set(FLOAT, ((long) Parameters.SCALE * width + i) * 4, p.scale());
    }
  }

  private static void stream(
      CpuPool pool,
      View view,
      QuantGrid grid,
      QuantizeLoops.Loop loop,
      List<Tensor> in,
      Tensor second,
      Tensor out) {
    if (out.elems() == 0) {
      return;
    }
    MemorySegment x = in.get(0).data();
    MemorySegment dy = second.data();
    MemorySegment y = out.data();
    Point[] points = points(view, grid, in.get(1), in.get(2));
    if (view.columns()) {
      int width = view.channels;
      MemorySegment data = Scratch.floats(Scratch.Slot.WEIGHTS, (long) Parameters.ROWS * width);
      for (int c = 0; c < width; c++) {
        fill(points[c], data, width, c, c + 1);
      }
      Parameters p = new Parameters(data, width, 1);
      long rowsPerTask = Math.max(1, Chunks.SIZE / width);
      pool.run(
          (int) Math.ceilDiv(view.outer, rowsPerTask),
          task -> {
            long end = Math.min(view.outer, (task + 1) * rowsPerTask);
            for (long row = task * rowsPerTask; row < end; row++) {
              loop.run(x, dy, y, row * width * 4, width, p, grid.low(), grid.high());
            }
          });
      return;
    }
    forPieces(
        pool,
        view,
        (piece, channel, first, count) -> {
          MemorySegment data =
              Scratch.floats(Scratch.Slot.PARAMETERS, (long) Parameters.ROWS * COUNT);
          fill(points[channel], data, COUNT, 0, COUNT);
          Parameters p = new Parameters(data, COUNT, 0);
          loop.run(x, dy, y, first * 4, count, p, grid.low(), grid.high());
        });
  }

  /// Two sums per channel, one after the other: pieces in parallel, their sums added in order.
  private static double[] sums(
      CpuPool pool,
      View view,
      QuantGrid grid,
      QuantizeSums.Loop loop,
      List<Tensor> in,
      @Nullable Tensor zero,
      Tensor dy,
      Tensor dx) {
    Point[] points = points(view, grid, in.get(1), zero);
    int pieces = view.pieces();
    double[] parts = new double[Math.toIntExact(2 * view.outer * view.channels * pieces)];
    MemorySegment x = in.get(0).data();
    MemorySegment g = dy.data();
    MemorySegment to = dx.data();
    forPieces(
        pool,
        view,
        (piece, channel, first, count) ->
            loop.run(x, g, to, first * 4, count, points[channel], parts, 2 * piece));
    double[] sums = new double[2 * view.channels];
    for (int i = 0; i < parts.length; i++) {
      int channel = i / 2 / pieces % view.channels;
      sums[2 * channel + i % 2] += parts[i];
    }
    return sums;
  }

  private static Point[] points(View view, QuantGrid grid, Tensor scale, @Nullable Tensor zero) {
    Point[] points = new Point[view.channels];
    for (int c = 0; c < points.length; c++) {
      points[c] = point(grid, scale, zero, c);
    }
    return points;
  }

  private static void store(double[] sums, int which, Tensor out, double factor) {
    MemorySegment data = out.data();
    if (out.elems() == 1) { // one parameter for all channels of the other one
      double total = 0;
      for (int i = which; i < sums.length; i += 2) {
        total += sums[i];
      }
      data.set(FLOAT, 0, (float) (total * factor));
      return;
    }
    for (int c = 0; c < out.elems(); c++) {
      data.set(FLOAT, c * 4L, (float) (sums[2 * c + which] * factor));
    }
  }

  private interface Piece {
    void run(int piece, int channel, long first, long count);
  }

  /// Runs over the pieces of all rows, short rows together in one task.
  private static void forPieces(CpuPool pool, View view, Piece body) {
    int pieces = view.pieces();
    long total = view.outer * view.channels * pieces;
    long perTask = Math.max(1, Chunks.SIZE / Math.max(1, view.inner));
    pool.run(
        (int) Math.ceilDiv(total, perTask),
        task -> {
          long end = Math.min(total, (task + 1) * perTask);
          for (long i = task * perTask; i < end; i++) {
            long row = i / pieces;
            long start = i % pieces * Chunks.SIZE;
            long count = Math.min(view.inner - start, Chunks.SIZE);
            int channel = (int) (row % view.channels);
            body.run((int) i, channel, row * view.inner + start, count);
          }
        });
  }
}
