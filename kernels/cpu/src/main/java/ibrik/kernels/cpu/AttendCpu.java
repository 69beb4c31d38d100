package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Attend;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/// Attention, one task per batch and head. Scores are computed for a block of queries against all
/// keys, used while they are in the cache, and overwritten by the next block.
final class AttendCpu {
  /// Floats of a block of scores: 256 KiB, part of a second-level cache.
  private static final int FLOATS = 1 << 16;

  /// Fewer queries than this do not pay for packing the keys.
  private static final int LEAST_ROWS = 64;

  private AttendCpu() {}

  static Kernel kernel(Attend op, CpuPool pool) {
    return switch (op) {
      case Attend.Attention(double scale) -> (in, out) -> forward(pool, in, out, (float) scale);
      case Attend.AttentionBackward(double scale) ->
          (in, out) -> backward(pool, in, out, (float) scale);
    };
  }

  /// Extents of one head, and where it starts in each operand.
  private record Sizes(int heads, int queries, int keys, int depth, int width) {
    static Sizes of(Tensor q, Tensor v) {
      return new Sizes(
          (int) (q.dim(0) * q.dim(1)),
          (int) q.dim(2),
          (int) v.dim(2),
          (int) q.dim(3),
          (int) v.dim(3));
    }

    int blockRows() {
      return Math.min(queries, Math.max(LEAST_ROWS, FLOATS / keys));
    }

    /// Row `row` of head `head`, in rows of `columns` floats.
    long query(int head, int row, int columns) {
      return ((long) head * queries + row) * columns * 4;
    }

    long key(int head, int columns) {
      return (long) head * keys * columns * 4;
    }
  }

  private static void forward(CpuPool pool, List<Tensor> in, List<Tensor> out, float scale) {
    Sizes n = Sizes.of(in.get(0), in.get(2));
    MemorySegment q = in.get(0).data();
    MemorySegment k = in.get(1).data();
    MemorySegment v = in.get(2).data();
    MemorySegment y = out.get(0).data();
    MemorySegment lse = out.get(1).data();
    pool.run(
        n.heads,
        head -> {
          int most = n.blockRows();
          MemorySegment scores =
              Scratch.floats(Scratch.Slot.IMAGE, Math.max(1, (long) most * n.keys));
          for (int first = 0; first < n.queries; first += most) {
            int rows = Math.min(most, n.queries - first);
            scores(pool, n, q, k, head, first, rows, scores);
            long logs = n.query(head, first, 1);
            for (int i = 0; i < rows; i++) {
              long at = (long) i * n.keys * 4;
              RowKernels.scale(scores, scores, at, n.keys, scale);
              float max = RowKernels.max(scores, at, n.keys);
              double sum = RowKernels.expSum(scores, scores, at, n.keys, max);
              RowKernels.scale(scores, scores, at, n.keys, (float) (1 / sum));
              lse.set(FLOAT, logs + i * 4L, (float) (StrictMath.log(sum) + max));
            }
            Gemm.run(
                pool,
                new Gemm.Operand(scores, 0, rows, n.keys, false),
                new Gemm.Operand(v, n.key(head, n.width), n.keys, n.width, false),
                y,
                n.query(head, first, n.width));
          }
        });
  }

  private static void backward(CpuPool pool, List<Tensor> in, List<Tensor> out, float scale) {
    Sizes n = Sizes.of(in.get(0), in.get(2));
    MemorySegment q = in.get(0).data();
    MemorySegment k = in.get(1).data();
    MemorySegment v = in.get(2).data();
    MemorySegment lse = in.get(3).data();
    MemorySegment dy = in.get(4).data();
    MemorySegment slope = in.get(5).data();
    MemorySegment dq = out.get(0).data();
    MemorySegment dk = out.get(1).data();
    MemorySegment dv = out.get(2).data();
    pool.run(
        n.heads,
        head -> {
          int most = n.blockRows();
          long floats = Math.max(1, (long) most * n.keys);
          MemorySegment p = Scratch.floats(Scratch.Slot.IMAGE, floats);
          MemorySegment ds = Scratch.floats(Scratch.Slot.GRADIENT, floats);
          if (n.queries == 0) {
            dk.asSlice(n.key(head, n.depth), (long) n.keys * n.depth * 4).fill((byte) 0);
            dv.asSlice(n.key(head, n.width), (long) n.keys * n.width * 4).fill((byte) 0);
          }
          for (int first = 0; first < n.queries; first += most) {
            int rows = Math.min(most, n.queries - first);
            Gemm.Operand outer =
                new Gemm.Operand(dy, n.query(head, first, n.width), rows, n.width, false);
            scores(pool, n, q, k, head, first, rows, p);
            Gemm.run(
                pool,
                outer,
                new Gemm.Operand(v, n.key(head, n.width), n.width, n.keys, true),
                ds,
                0);
            long logs = n.query(head, first, 1);
            for (int i = 0; i < rows; i++) {
              slopes(
                  p,
                  ds,
                  (long) i * n.keys * 4,
                  n.keys,
                  scale,
                  lse.get(FLOAT, logs + i * 4L),
                  slope.get(FLOAT, logs + i * 4L));
            }
            Gemm.run(
                pool,
                new Gemm.Operand(ds, 0, rows, n.keys, false),
                new Gemm.Operand(k, n.key(head, n.depth), n.keys, n.depth, false),
                dq,
                n.query(head, first, n.depth));
            Gemm.run(
                pool,
                new Gemm.Operand(ds, 0, n.keys, rows, true),
                new Gemm.Operand(q, n.query(head, first, n.depth), rows, n.depth, false),
                dk,
                n.key(head, n.depth),
                n.depth,
                first > 0);
            Gemm.run(
                pool,
                new Gemm.Operand(p, 0, n.keys, rows, true),
                outer,
                dv,
                n.key(head, n.width),
                n.width,
                first > 0);
          }
        });
  }

  /// `q k^T` for queries `first ... first+rows-1` of a head.
  private static void scores(
      CpuPool pool,
      Sizes n,
      MemorySegment q,
      MemorySegment k,
      int head,
      int first,
      int rows,
      MemorySegment to) {
    Gemm.run(
        pool,
        new Gemm.Operand(q, n.query(head, first, n.depth), rows, n.depth, false),
        new Gemm.Operand(k, n.key(head, n.depth), n.depth, n.keys, true),
        to,
        0);
  }

  /// One row: scores in p become probabilities, `dy v^T` in ds the slopes of the scores.
  private static void slopes(
      MemorySegment p, MemorySegment ds, long at, int keys, float scale, float lse, float slope) {
    int i = 0;
    for (; i + COUNT <= keys; i += COUNT) {
      FloatVector e = VectorMath.exp(load(p, at + i * 4L).mul(scale).sub(lse));
      e.intoMemorySegment(p, at + i * 4L, ORDER);
      load(ds, at + i * 4L).sub(slope).mul(e).mul(scale).intoMemorySegment(ds, at + i * 4L, ORDER);
    }
    if (i < keys) {
      int rest = keys - i;
      FloatVector e = VectorMath.exp(Vectors.loadTail(p, at + i * 4L, rest).mul(scale).sub(lse));
      Vectors.storeTail(e, p, at + i * 4L, rest);
      FloatVector d = Vectors.loadTail(ds, at + i * 4L, rest).sub(slope).mul(e).mul(scale);
      Vectors.storeTail(d, ds, at + i * 4L, rest);
    }
  }

  private static FloatVector load(MemorySegment x, long offset) {
    return FloatVector.fromMemorySegment(F32, x, offset, ORDER);
  }
}
