package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import ibrik.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/// InfoNCE of queries `[B,D]` against a queue `[K,D]`: scores in strips of the queue, each read
/// once.
final class InfoNceCpu {
  /// A logarithm or exponential in f64 takes as long as so many simple steps.
  private static final int LOGARITHM = 256;

  /// Keys measured by one task.
  private static final int TASK = 256;

  private InfoNceCpu() {}

  static void forward(CpuPool pool, List<Tensor> in, List<Tensor> out, double temperature) {
    int rows = (int) in.getFirst().dim(0);
    float inverse = (float) (1 / temperature);
    float[] positive = positive(pool, in, inverse);
    LogSums sums = new LogSums(rows);
    float longest = inverse * Math.max(longest(pool, in.get(1)), longest(pool, in.get(2)));
    int width = (int) in.getFirst().dim(1);
    Strips.rows(
        pool,
        rows,
        width,
        (i, at) -> {
          double square = RowKernels.dot(in.getFirst().data(), in.getFirst().data(), at, width);
          sums.bound(i, (float) Math.sqrt(square) * longest * (1 + 1e-5f));
          sums.start(i, positive[i]);
        });
    strips(
        pool,
        in,
        (_, count, strip) ->
            Strips.rows(pool, rows, count, (i, at) -> sums.add(i, strip, at, count, inverse)));
    MemorySegment loss = out.getFirst().data();
    Strips.rows(
        pool, rows, LOGARITHM, (i, _) -> loss.set(FLOAT, i * 4L, sums.minus(i, positive[i])));
  }

  /// The length of the longest row, NaN if one is.
  private static float longest(CpuPool pool, Tensor keys) {
    int width = (int) keys.dim(1);
    int tasks = Math.ceilDiv((int) keys.dim(0), TASK);
    double[] squares = new double[tasks];
    pool.run(
        tasks,
        task -> {
          int end = (int) Math.min(keys.dim(0), (task + 1L) * TASK);
          for (int i = task * TASK; i < end; i++) {
            double square = RowKernels.dot(keys.data(), keys.data(), (long) i * width * 4, width);
            squares[task] = Math.max(squares[task], square);
          }
        });
    double most = 0;
    for (double square : squares) {
      most = Math.max(most, square);
    }
    return (float) Math.sqrt(most);
  }

  /// `dq = w ((p - 1) k + P queue)`, with `w = dloss / temperature`.
  static void backwardQuery(CpuPool pool, List<Tensor> in, List<Tensor> out, double temperature) {
    chosen(pool, in, in.get(1), out.getFirst(), temperature);
    probabilities(
        pool,
        in,
        temperature,
        (first, count, strip) -> queries(pool, in, first, count, strip, out.getFirst()));
  }

  /// `dq` as [#backwardQuery], `dk = w (p - 1) q`, `dqueue = (w P)^T q`: every strip serves both
  /// products.
  static void backward(CpuPool pool, List<Tensor> in, List<Tensor> out, double temperature) {
    chosen(pool, in, in.get(1), out.get(0), temperature);
    chosen(pool, in, in.get(0), out.get(1), temperature);
    probabilities(
        pool,
        in,
        temperature,
        (first, count, strip) -> {
          queries(pool, in, first, count, strip, out.get(0));
          keys(pool, in, first, count, strip, out.get(2));
        });
  }

  /// `dq += strip queue[first ...]`.
  private static void queries(
      CpuPool pool, List<Tensor> in, int first, int count, MemorySegment strip, Tensor dq) {
    int rows = (int) dq.dim(0);
    int width = (int) dq.dim(1);
    MemorySegment queue = in.get(2).data();
    Gemm.run(
        pool,
        new Gemm.Operand(strip, 0, rows, count, false),
        new Gemm.Operand(queue, (long) first * width * 4, count, width, false),
        dq.data(),
        0,
        width,
        true);
  }

  /// `dqueue[first ...] = strip^T q`.
  private static void keys(
      CpuPool pool, List<Tensor> in, int first, int count, MemorySegment strip, Tensor dqueue) {
    int rows = (int) in.getFirst().dim(0);
    int width = (int) dqueue.dim(1);
    Gemm.run(
        pool,
        new Gemm.Operand(strip, 0, count, rows, true),
        new Gemm.Operand(in.getFirst().data(), 0, rows, width, false),
        dqueue.data(),
        (long) first * width * 4);
  }

  private static void strips(CpuPool pool, List<Tensor> in, Strips.Body body) {
    int rows = (int) in.getFirst().dim(0);
    int width = (int) in.getFirst().dim(1);
    int keys = (int) in.get(2).dim(0);
    Strips.run(
        pool,
        new Gemm.Operand(in.getFirst().data(), 0, rows, width, false),
        new Gemm.Operand(in.get(2).data(), 0, width, keys, true),
        body);
  }

  /// Strips of `w_i P_ij`, from the loss that the forward pass left.
  private static void probabilities(
      CpuPool pool, List<Tensor> in, double temperature, Strips.Body body) {
    int rows = (int) in.getFirst().dim(0);
    float inverse = (float) (1 / temperature);
    float[] positive = positive(pool, in, inverse);
    MemorySegment loss = in.get(3).data();
    MemorySegment dloss = in.get(4).data();
    strips(
        pool,
        in,
        (first, count, strip) -> {
          Strips.rows(
              pool,
              rows,
              count,
              (i, at) ->
                  exponentials(
                      strip,
                      at,
                      count,
                      inverse,
                      positive[i],
                      loss.get(FLOAT, i * 4L),
                      dloss.get(FLOAT, i * 4L) * inverse));
          body.run(first, count, strip);
        });
  }

  /// `x = weight e^(factor x - positive - loss)`.
  private static void exponentials(
      MemorySegment x, long at, int count, float factor, float positive, float loss, float weight) {
    int j = 0;
    for (; j + COUNT <= count; j += COUNT) {
      FloatVector s = FloatVector.fromMemorySegment(F32, x, at + j * 4L, ORDER).mul(factor);
      VectorMath.exp(s.sub(positive).sub(loss))
          .mul(weight)
          .intoMemorySegment(x, at + j * 4L, ORDER);
    }
    for (; j < count; j++) {
      float s = x.get(FLOAT, at + j * 4L) * factor;
      x.set(FLOAT, at + j * 4L, VectorMath.exp(s - positive - loss) * weight);
    }
  }

  /// Scores of the right keys.
  private static float[] positive(CpuPool pool, List<Tensor> in, float inverse) {
    int rows = (int) in.getFirst().dim(0);
    int width = (int) in.getFirst().dim(1);
    float[] positive = new float[rows];
    MemorySegment q = in.get(0).data();
    MemorySegment k = in.get(1).data();
    Strips.rows(
        pool,
        rows,
        width,
        (i, at) -> positive[i] = (float) RowKernels.dot(q, k, at, width) * inverse);
    return positive;
  }

  /// The part of the right keys: `to = w (p - 1) from`, with `p = e^-loss`.
  private static void chosen(
      CpuPool pool, List<Tensor> in, Tensor from, Tensor to, double temperature) {
    int width = (int) from.dim(1);
    MemorySegment loss = in.get(3).data();
    MemorySegment dloss = in.get(4).data();
    Strips.rows(
        pool,
        (int) from.dim(0),
        width,
        (i, at) -> {
          double slope = StrictMath.expm1(-loss.get(FLOAT, i * 4L));
          float factor = (float) (slope * dloss.get(FLOAT, i * 4L) / temperature);
          RowKernels.scale(from.data(), to.data(), at, width, factor);
        });
  }
}
