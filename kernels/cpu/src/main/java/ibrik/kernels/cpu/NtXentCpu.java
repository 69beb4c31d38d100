package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Similarity;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/// NT-Xent over the `R = 2B` rows of both views: scores in strips of columns, of which the forward
/// pass keeps a logarithm of sums per row, and the backward pass the product with the embeddings.
final class NtXentCpu {
  private NtXentCpu() {}

  static void forward(CpuPool pool, List<Tensor> in, List<Tensor> out, double temperature) {
    int rows = (int) out.getFirst().elems();
    int width = (int) in.getFirst().dim(1);
    float inverse = (float) (1 / temperature);
    MemorySegment n = normalized(pool, in, rows, width);
    LogSums sums = new LogSums(rows);
    float[] partner = new float[rows];
    Strips.run(
        pool,
        new Gemm.Operand(n, 0, rows, width, false),
        new Gemm.Operand(n, 0, width, rows, true),
        (first, count, strip) ->
            Strips.rows(
                pool,
                rows,
                count,
                (i, at) -> {
                  int other = (i + rows / 2) % rows - first;
                  if (other >= 0 && other < count) {
                    partner[i] = strip.get(FLOAT, at + other * 4L) * inverse;
                  }
                  if (i >= first && i < first + count) {
                    strip.set(FLOAT, at + (i - first) * 4L, Float.NEGATIVE_INFINITY);
                  }
                  sums.add(i, strip, at, count, inverse);
                }));
    MemorySegment loss = out.getFirst().data();
    for (int i = 0; i < rows; i++) {
      loss.set(FLOAT, i * 4L, sums.minus(i, partner[i]));
    }
  }

  static void backward(CpuPool pool, List<Tensor> in, List<Tensor> out, double temperature) {
    int rows = (int) in.get(2).elems();
    int width = (int) in.getFirst().dim(1);
    long half = (long) rows / 2 * width * 4;
    float inverse = (float) (1 / temperature);
    MemorySegment n = normalized(pool, in.subList(0, 2), rows, width);
    MemorySegment loss = in.get(2).data();
    MemorySegment vectors = Scratch.floats(Scratch.Slot.PARTIAL, 2L * rows);
    MemorySegment partner = vectors.asSlice(0, rows * 4L);
    MemorySegment weight = vectors.asSlice(rows * 4L, rows * 4L);
    for (int i = 0; i < rows; i++) {
      weight.set(FLOAT, i * 4L, in.get(3).data().get(FLOAT, i * 4L) * inverse);
    }
    MemorySegment first = n.asSlice(0, half);
    MemorySegment second = n.asSlice(half, half);
    for (int i = 0; i < rows / 2; i++) {
      float score = (float) RowKernels.dot(first, second, (long) i * width * 4, width) * inverse;
      partner.set(FLOAT, i * 4L, score);
      partner.set(FLOAT, (i + rows / 2) * 4L, score);
    }
    MemorySegment dn = Scratch.floats(Scratch.Slot.GRADIENT, Math.max(1, (long) rows * width));
    Strips.run(
        pool,
        new Gemm.Operand(n, 0, rows, width, false),
        new Gemm.Operand(n, 0, width, rows, true),
        (from, count, strip) -> {
          Strips.rows(
              pool,
              rows,
              count,
              (i, at) -> {
                slopes(strip, at, i, from, count, inverse, partner, loss, weight);
                int other = (i + rows / 2) % rows;
                if (other >= from && other < from + count) {
                  long there = at + (other - from) * 4L;
                  float both = weight.get(FLOAT, i * 4L) + weight.get(FLOAT, other * 4L);
                  strip.set(FLOAT, there, strip.get(FLOAT, there) - both);
                }
                if (i >= from && i < from + count) {
                  strip.set(FLOAT, at + (i - from) * 4L, 0);
                }
              });
          Gemm.run(
              pool,
              new Gemm.Operand(strip, 0, rows, count, false),
              new Gemm.Operand(n, (long) from * width * 4, count, width, false),
              dn,
              0,
              width,
              from > 0);
        });
    for (int view = 0; view < 2; view++) {
      MemorySegment z = in.get(view).data();
      MemorySegment dz = out.get(view).data();
      MemorySegment from = dn.asSlice(view * half, half);
      Strips.rows(
          pool,
          rows / 2,
          width,
          (_, at) -> RowKernels.l2NormalizeBackward(z, from, dz, at, width, Similarity.GUARD));
    }
  }

  /// Scores of row i into the slopes of the loss for them: `w_i e^(s_ij - partner_i - loss_i)` as
  /// part of row i, and the same of row j, as scores are symmetric.
  private static void slopes(
      MemorySegment strip,
      long at,
      int i,
      int from,
      int count,
      float inverse,
      MemorySegment partner,
      MemorySegment loss,
      MemorySegment weight) {
    float partnerHere = partner.get(FLOAT, i * 4L);
    float lossHere = loss.get(FLOAT, i * 4L);
    float weightHere = weight.get(FLOAT, i * 4L);
    int j = 0;
    for (; j + COUNT <= count; j += COUNT) {
      long there = (from + j) * 4L;
      FloatVector s = load(strip, at + j * 4L).mul(inverse);
      FloatVector row = VectorMath.exp(s.sub(partnerHere).sub(lossHere)).mul(weightHere);
      FloatVector column =
          VectorMath.exp(s.sub(load(partner, there)).sub(load(loss, there)))
              .mul(load(weight, there));
      row.add(column).intoMemorySegment(strip, at + j * 4L, ORDER);
    }
    for (; j < count; j++) {
      long there = (from + j) * 4L;
      float s = strip.get(FLOAT, at + j * 4L) * inverse;
      float row = VectorMath.exp(s - partnerHere - lossHere) * weightHere;
      float column =
          VectorMath.exp(s - partner.get(FLOAT, there) - loss.get(FLOAT, there))
              * weight.get(FLOAT, there);
      strip.set(FLOAT, at + j * 4L, row + column);
    }
  }

  /// Both views, one after the other, at unit length.
  private static MemorySegment normalized(CpuPool pool, List<Tensor> views, int rows, int width) {
    MemorySegment n = Scratch.floats(Scratch.Slot.WEIGHTS, Math.max(1, (long) rows * width));
    long half = (long) rows / 2 * width * 4;
    for (int view = 0; view < 2; view++) {
      MemorySegment z = views.get(view).data();
      MemorySegment to = n.asSlice(view * half, half);
      Strips.rows(
          pool,
          rows / 2,
          width,
          (_, at) -> RowKernels.l2Normalize(z, to, at, width, Similarity.GUARD));
    }
    return n;
  }

  private static FloatVector load(MemorySegment x, long offset) {
    return FloatVector.fromMemorySegment(F32, x, offset, ORDER);
  }
}
