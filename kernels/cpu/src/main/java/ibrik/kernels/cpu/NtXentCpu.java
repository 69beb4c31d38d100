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
  /// A logarithm or exponential in f64 takes as long as so many simple steps.
  private static final int LOGARITHM = 256;

  private NtXentCpu() {}

  static void forward(CpuPool pool, List<Tensor> in, List<Tensor> out, double temperature) {
    int rows = (int) out.getFirst().elems();
    int width = (int) in.getFirst().dim(1);
    float inverse = (float) (1 / temperature);
    MemorySegment n = normalized(pool, in, rows, width);
    LogSums sums = new LogSums(rows);
    for (int i = 0; i < rows && rows > 2; i++) { // one image alone costs exactly nothing
      sums.bound(i, bound(inverse));
    }
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
                  float nothing = sums.nothing(i) / inverse;
                  if (other >= 0 && other < count) {
                    partner[i] = strip.get(FLOAT, at + other * 4L) * inverse;
                    strip.set(FLOAT, at + other * 4L, nothing);
                  }
                  if (i >= first && i < first + count) {
                    strip.set(FLOAT, at + (i - first) * 4L, nothing);
                  }
                  sums.add(i, strip, at, count, inverse);
                }));
    MemorySegment loss = out.getFirst().data();
    Strips.rows(
        pool, rows, LOGARITHM, (i, _) -> loss.set(FLOAT, i * 4L, sums.beside(i, partner[i])));
  }

  /// No score is larger: rows have length 1, up to rounding.
  private static float bound(float inverse) {
    return inverse * (1 + 1e-5f);
  }

  static void backward(CpuPool pool, List<Tensor> in, List<Tensor> out, double temperature) {
    int rows = (int) in.get(2).elems();
    int width = (int) in.getFirst().dim(1);
    long half = (long) rows / 2 * width * 4;
    float inverse = (float) (1 / temperature);
    MemorySegment n = normalized(pool, in.subList(0, 2), rows, width);
    Rows known = known(pool, in, n, rows, width, inverse);
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
                known.slopes(strip, at, i, from, count);
                int other = (i + rows / 2) % rows;
                if (other >= from && other < from + count) {
                  long there = at + (other - from) * 4L;
                  float both = known.weight(i) + known.weight(other);
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

  /// What rows bring to the slopes of the loss for a score: `w_i e^(s_ij - partner_i - loss_i)` as
  /// part of row i, and the same of row j, as scores are symmetric.
  ///
  /// @param partner the score with the other view, in one vector of all rows, as are the others
  /// @param weight slope of the loss for the row's loss, over the temperature
  /// @param level `w e^(bound - partner - loss)`, where scores are close to 0: one exponential then
  ///   serves both
  private record Rows(
      float inverse,
      boolean near,
      MemorySegment partner,
      MemorySegment loss,
      MemorySegment weight,
      MemorySegment level) {
    float weight(int i) {
      return weight.get(FLOAT, i * 4L);
    }

    /// Scores of row i, columns from `from` on, into slopes.
    void slopes(MemorySegment strip, long at, int i, int from, int count) {
      if (near) {
        together(strip, at, level.get(FLOAT, i * 4L), from * 4L, count);
        return;
      }
      MemorySegment columns = Scratch.floats(Scratch.Slot.PANEL, count);
      ofColumns(strip, at, columns, from * 4L, count);
      ofRow(strip, at, columns, i * 4L, count);
    }

    private void together(MemorySegment strip, long at, float here, long from, int count) {
      float bound = bound(inverse);
      int j = 0;
      for (; j + COUNT <= count; j += COUNT) {
        FloatVector s = load(strip, at + j * 4L).mul(inverse).sub(bound);
        VectorMath.normalExp(s)
            .mul(load(level, from + j * 4L).add(here))
            .intoMemorySegment(strip, at + j * 4L, ORDER);
      }
      for (; j < count; j++) {
        float e = VectorMath.exp(strip.get(FLOAT, at + j * 4L) * inverse - bound);
        strip.set(FLOAT, at + j * 4L, e * (level.get(FLOAT, from + j * 4L) + here));
      }
    }

    // Two exponentials in one method would be more than the compiler takes apart.

    private void ofColumns(
        MemorySegment strip, long at, MemorySegment columns, long from, int count) {
      int j = 0;
      for (; j + COUNT <= count; j += COUNT) {
        FloatVector s = load(strip, at + j * 4L).mul(inverse);
        VectorMath.exp(s.sub(load(partner, from + j * 4L)).sub(load(loss, from + j * 4L)))
            .mul(load(weight, from + j * 4L))
            .intoMemorySegment(columns, j * 4L, ORDER);
      }
      for (; j < count; j++) {
        float s = strip.get(FLOAT, at + j * 4L) * inverse;
        long there = from + j * 4L;
        float e = VectorMath.exp(s - partner.get(FLOAT, there) - loss.get(FLOAT, there));
        columns.set(FLOAT, j * 4L, e * weight.get(FLOAT, there));
      }
    }

    private void ofRow(MemorySegment strip, long at, MemorySegment columns, long row, int count) {
      float partnerHere = partner.get(FLOAT, row);
      float lossHere = loss.get(FLOAT, row);
      float weightHere = weight.get(FLOAT, row);
      int j = 0;
      for (; j + COUNT <= count; j += COUNT) {
        FloatVector s = load(strip, at + j * 4L).mul(inverse);
        VectorMath.exp(s.sub(partnerHere).sub(lossHere))
            .mul(weightHere)
            .add(load(columns, j * 4L))
            .intoMemorySegment(strip, at + j * 4L, ORDER);
      }
      for (; j < count; j++) {
        float s = strip.get(FLOAT, at + j * 4L) * inverse;
        float e = VectorMath.exp(s - partnerHere - lossHere);
        strip.set(FLOAT, at + j * 4L, e * weightHere + columns.get(FLOAT, j * 4L));
      }
    }
  }

  private static Rows known(
      CpuPool pool, List<Tensor> in, MemorySegment n, int rows, int width, float inverse) {
    MemorySegment loss = in.get(2).data();
    MemorySegment dloss = in.get(3).data();
    long vector = rows * 4L;
    long half = (long) rows / 2 * width * 4;
    MemorySegment vectors = Scratch.floats(Scratch.Slot.PARTIAL, 3L * rows);
    MemorySegment partner = vectors.asSlice(0, vector);
    MemorySegment weight = vectors.asSlice(vector, vector);
    MemorySegment level = vectors.asSlice(2 * vector, vector);
    MemorySegment first = n.asSlice(0, half);
    MemorySegment second = n.asSlice(half, half);
    float bound = bound(inverse);
    boolean near = bound <= LogSums.NEAR;
    Strips.rows(
        pool,
        rows,
        LOGARITHM,
        (i, _) -> {
          long at = (long) (i % (rows / 2)) * width * 4;
          float score = (float) RowKernels.dot(first, second, at, width) * inverse;
          double beyond = (double) bound - score - loss.get(FLOAT, i * 4L);
          float w = dloss.get(FLOAT, i * 4L) * inverse;
          partner.set(FLOAT, i * 4L, score);
          weight.set(FLOAT, i * 4L, w);
          level.set(FLOAT, i * 4L, near ? (float) (w * StrictMath.exp(beyond)) : 0);
        });
    return new Rows(inverse, near, partner, loss, weight, level);
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
