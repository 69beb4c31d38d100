package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.FLOAT;

import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Binary.Signs;
import ibrik.tensor.op.Binary.Surrogate;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Binds [Binary]. What composes well stays composed: the weights of a layer are few, and the
/// surrogates without a kernel here are of no network with shifts.
final class BinaryCpu {
  private BinaryCpu() {}

  static @Nullable Kernel kernel(Binary op, CpuPool pool) {
    return switch (op) {
      case Binary.SignBinarize(Signs signs, _) ->
          (in, out) -> {
            MemorySegment x = in.getFirst().data();
            MemorySegment y = out.getFirst().data();
            boolean two = signs == Signs.SIGN2;
            Chunks.run(
                pool,
                in.getFirst().elems(),
                two
                    ? (from, to) -> SignLoops.sign2(x, y, from, to)
                    : (from, to) -> SignLoops.sign3(x, y, from, to));
          };
      case Binary.SignBinarizeBackward(Surrogate surrogate) -> {
        Backward loop = flat(surrogate);
        yield loop == null ? null : signBackward(loop, pool);
      }
      case Binary.RSign(Signs signs, _) ->
          (in, out) -> {
            MemorySegment x = in.get(0).data();
            MemorySegment shift = in.get(1).data();
            MemorySegment y = out.getFirst().data();
            int columns = (int) in.get(0).dim(-1);
            forRows(
                pool,
                in.get(0),
                signs == Signs.SIGN2
                    ? (first, rows) -> ShiftLoops.sign2(x, shift, y, first, rows, columns)
                    : (first, rows) -> ShiftLoops.sign3(x, shift, y, first, rows, columns));
          };
      case Binary.RSignBackward(Surrogate surrogate) -> {
        ShiftBackward loop = shifted(surrogate);
        yield loop == null ? null : (in, out) -> rSignBackward(pool, loop, in, out);
      }
      case Binary.RPRelu() ->
          (in, out) -> {
            MemorySegment x = in.get(0).data();
            MemorySegment before = in.get(1).data();
            MemorySegment slope = in.get(2).data();
            MemorySegment after = in.get(3).data();
            MemorySegment y = out.getFirst().data();
            int columns = (int) in.get(0).dim(-1);
            forRows(
                pool,
                in.get(0),
                (first, rows) ->
                    ShiftLoops.rectify(x, before, slope, after, y, first, rows, columns));
          };
      case Binary.RPReluBackward() -> (in, out) -> rPReluBackward(pool, in, out);
      case Binary.PackSigns() -> (in, out) -> pack(pool, in.getFirst(), out.getFirst());
      case Binary.XnorConv2d conv -> (in, out) -> XnorConv.run(pool, conv, in, out.getFirst());
      case Binary.UnpackSigns _, Binary.BinarizeWeights _, Binary.BinarizeWeightsBackward _ -> null;
    };
  }

  private interface Backward {
    void run(MemorySegment x, MemorySegment dy, MemorySegment dx, long from, long to);
  }

  private static @Nullable Backward flat(Surrogate surrogate) {
    return switch (surrogate) {
      case CLIP -> SignLoops::clip;
      case APPROX -> SignLoops::approx;
      case SWISH -> SignLoops::swish;
      case IDENTITY -> null; // the composition is dy itself
    };
  }

  private static Kernel signBackward(Backward loop, CpuPool pool) {
    return (in, out) -> {
      MemorySegment x = in.get(0).data();
      MemorySegment dy = in.get(1).data();
      MemorySegment dx = out.getFirst().data();
      Chunks.run(pool, in.getFirst().elems(), (from, to) -> loop.run(x, dy, dx, from, to));
    };
  }

  private interface ShiftBackward {
    void run(
        MemorySegment x,
        MemorySegment shift,
        MemorySegment dy,
        MemorySegment dx,
        long first,
        int rows,
        int columns,
        MemorySegment sums,
        long to);
  }

  private static @Nullable ShiftBackward shifted(Surrogate surrogate) {
    return switch (surrogate) {
      case CLIP -> ShiftLoops::clip;
      case APPROX -> ShiftLoops::approx;
      case SWISH, IDENTITY -> null;
    };
  }

  private static void rSignBackward(
      CpuPool pool, ShiftBackward loop, List<Tensor> in, List<Tensor> out) {
    MemorySegment x = in.get(0).data();
    MemorySegment shift = in.get(1).data();
    MemorySegment dy = in.get(2).data();
    MemorySegment dx = out.get(0).data();
    int columns = (int) in.get(0).dim(-1);
    double[] sums =
        ColumnSums.run(
            pool,
            rows(in.get(0)),
            columns,
            1,
            (first, rows, to, at) -> loop.run(x, shift, dy, dx, first, rows, columns, to, at));
    store(sums, 0, out.get(1));
  }

  private static void rPReluBackward(CpuPool pool, List<Tensor> in, List<Tensor> out) {
    MemorySegment x = in.get(0).data();
    MemorySegment before = in.get(1).data();
    MemorySegment slope = in.get(2).data();
    MemorySegment dy = in.get(3).data();
    MemorySegment dx = out.get(0).data();
    int columns = (int) in.get(0).dim(-1);
    double[] sums =
        ColumnSums.run(
            pool,
            rows(in.get(0)),
            columns,
            3,
            (first, rows, to, at) ->
                ShiftLoops.rectifyBackward(x, before, slope, dy, dx, first, rows, columns, to, at));
    for (int i = 0; i < 3; i++) {
      store(sums, i, out.get(1 + i));
    }
  }

  private static void pack(CpuPool pool, Tensor x, Tensor packed) {
    MemorySegment from = x.data();
    MemorySegment to = packed.data();
    int channels = (int) x.dim(-1);
    forRows(pool, x, (first, rows) -> SignLoops.pack(from, to, first, rows, channels));
  }

  private static void store(double[] sums, int quantity, Tensor out) {
    int columns = (int) out.elems();
    MemorySegment data = out.data();
    for (int c = 0; c < columns; c++) {
      data.set(FLOAT, c * 4L, (float) sums[quantity * columns + c]);
    }
  }

  private static long rows(Tensor x) {
    return x.elems() / Math.max(1, x.dim(-1));
  }

  private interface Rows {
    void run(long first, int rows);
  }

  private static void forRows(CpuPool pool, Tensor x, Rows body) {
    long rows = rows(x);
    int perTask = (int) Math.max(1, Chunks.SIZE / Math.max(1, x.dim(-1)));
    pool.run(
        (int) Math.ceilDiv(rows, (long) perTask),
        task -> {
          long first = (long) task * perTask;
          body.run(first, (int) Math.min(perTask, rows - first));
        });
  }
}
