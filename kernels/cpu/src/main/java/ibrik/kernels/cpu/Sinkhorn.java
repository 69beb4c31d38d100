package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import ibrik.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Sinkhorn-Knopp over `scores [B,K]`, in scaling-vector form: codes `= u_k E_bk v_b`, up to a
/// factor, with `E_bk = e^((scores_bk - max_b) / epsilon)`. The definition subtracts the largest
/// score of *all*; another one per row is a factor of that row, which ends up in `v_b` and counts
/// in the first sums of columns only.
///
/// E is written once, into the codes, and read once per iteration: a row's sum and its share of the
/// next column sums are taken while the row is in the cache. Where scores spread too far for
/// floats, [SinkhornLog] does the same in logarithms.
final class Sinkhorn {
  /// Products of E and its scalings stay this far, in exponents, from the smallest normal float
  /// (e^-87.3).
  private static final double LIMIT = 80;

  private Sinkhorn() {}

  static void run(CpuPool pool, Tensor scores, Tensor codes, float inverse, int iterations) {
    if (scores.elems() == 0) {
      return;
    }
    RowBlocks blocks = RowBlocks.of((int) scores.dim(0), (int) scores.dim(1));
    MemorySegment s = scores.data();
    MemorySegment e = codes.data();
    double spread = exponentials(pool, blocks, s, e, inverse) * inverse;
    // A sample far below the others meets u as small as 1 / (B K): room for that, too.
    if (spread + Math.log(scores.elems()) <= LIMIT) {
      scale(pool, blocks, e, iterations);
    } else {
      SinkhornLog.run(pool, blocks, s, e, inverse, iterations);
    }
  }

  /// Writes E and what every block adds to the first sums of columns, in units of the first row's
  /// largest score. Returns how far scores lie apart; NaNs do not count, they are in the sums.
  private static double exponentials(
      CpuPool pool, RowBlocks blocks, MemorySegment s, MemorySegment e, float inverse) {
    int columns = blocks.columns();
    MemorySegment partials = blocks.partials();
    float unit = RowKernels.max(s, 0, columns);
    float[] least = new float[blocks.count()];
    float[] most = new float[blocks.count()];
    blocks.run(
        pool,
        (block, first, last) -> {
          blocks.fill(partials, block, 0);
          least[block] = Float.POSITIVE_INFINITY;
          most[block] = Float.NEGATIVE_INFINITY;
          for (int b = first; b < last; b++) {
            float max = RowKernels.max(s, blocks.at(b), columns);
            least[block] = Math.min(least[block], min(s, blocks.at(b), columns));
            most[block] = Math.max(most[block], max);
            float weight = VectorMath.exp((max - unit) * inverse);
            exponentials(
                s, e, blocks.at(b), columns, max, inverse, weight, partials, blocks.at(block));
          }
        });
    for (int i = 1; i < least.length; i++) {
      least[0] = Math.min(least[0], least[i]);
      most[0] = Math.max(most[0], most[i]);
    }
    return (double) most[0] - least[0];
  }

  /// The smallest element, NaNs passed over: [RowKernels#max], turned round.
  private static float min(MemorySegment x, long at, int elems) {
    FloatVector even = FloatVector.broadcast(F32, Float.POSITIVE_INFINITY);
    FloatVector odd = even;
    int i = 0;
    for (; i + 2 * COUNT <= elems; i += 2 * COUNT) {
      even = smaller(even, load(x, at + i * 4L));
      odd = smaller(odd, load(x, at + (i + COUNT) * 4L));
    }
    float min = smaller(even, odd).reduceLanes(VectorOperators.MIN);
    for (; i < elems; i++) {
      float value = x.get(FLOAT, at + i * 4L);
      min = value < min ? value : min;
    }
    return min;
  }

  private static FloatVector smaller(FloatVector least, FloatVector x) {
    return least.blend(x, x.compare(VectorOperators.LT, least));
  }

  private static void scale(CpuPool pool, RowBlocks blocks, MemorySegment e, int iterations) {
    int columns = blocks.columns();
    MemorySegment partials = blocks.partials();
    MemorySegment u = Scratch.floats(Scratch.Slot.WEIGHTS, columns);
    // To and fro: what a pass has read last is still in the cache for the next.
    boolean back = false;
    for (int t = 1; t <= iterations; t++) {
      blocks.join(pool, partials, RowBlocks.Join.SUM, u);
      reciprocals(u, columns, columns);
      // Bodies of their own: the compiler does not take all loops into one.
      back = !back;
      if (t < iterations) {
        blocks.run(
            pool, back, (block, first, last) -> sums(blocks, e, u, partials, block, first, last));
      } else {
        blocks.run(pool, back, (block, first, last) -> codes(blocks, e, u, first, last));
      }
    }
  }

  /// The next sums of columns, from rows that are scaled to a sum of `1 / B`.
  private static void sums(
      RowBlocks blocks,
      MemorySegment e,
      MemorySegment u,
      MemorySegment partials,
      int block,
      int first,
      int last) {
    int columns = blocks.columns();
    blocks.fill(partials, block, 0);
    for (int b = first; b < last; b++) {
      float v = (float) (1 / (blocks.rows() * dot(e, blocks.at(b), u, columns)));
      addScaled(e, blocks.at(b), columns, v, partials, blocks.at(block));
    }
  }

  /// Rows of E, scaled to a sum of 1.
  private static void codes(
      RowBlocks blocks, MemorySegment e, MemorySegment u, int first, int last) {
    int columns = blocks.columns();
    for (int b = first; b < last; b++) {
      float v = (float) (1 / dot(e, blocks.at(b), u, columns));
      finish(e, blocks.at(b), u, columns, v);
    }
  }

  /// Writes a row of E and adds `weight` times it to the column sums.
  private static void exponentials(
      MemorySegment s,
      MemorySegment e,
      long at,
      int columns,
      float max,
      float inverse,
      float weight,
      MemorySegment sums,
      long sumsAt) {
    int k = 0;
    for (; k + COUNT <= columns; k += COUNT) {
      FloatVector one = VectorMath.normalExp(load(s, at + k * 4L).sub(max).mul(inverse));
      one.intoMemorySegment(e, at + k * 4L, ORDER);
      one.mul(weight)
          .add(load(sums, sumsAt + k * 4L))
          .intoMemorySegment(sums, sumsAt + k * 4L, ORDER);
    }
    for (; k < columns; k++) {
      float one = VectorMath.exp((s.get(FLOAT, at + k * 4L) - max) * inverse);
      e.set(FLOAT, at + k * 4L, one);
      sums.set(FLOAT, sumsAt + k * 4L, sums.get(FLOAT, sumsAt + k * 4L) + one * weight);
    }
  }

  /// `u = 1 / (factor u)`.
  private static void reciprocals(MemorySegment u, int columns, float factor) {
    for (int k = 0; k < columns; k++) {
      u.set(FLOAT, k * 4L, 1 / (factor * u.get(FLOAT, k * 4L)));
    }
  }

  private static double dot(MemorySegment e, long at, MemorySegment u, int columns) {
    FloatVector even = FloatVector.zero(F32);
    FloatVector odd = FloatVector.zero(F32);
    int k = 0;
    for (; k + 2 * COUNT <= columns; k += 2 * COUNT) {
      even = load(e, at + k * 4L).fma(load(u, k * 4L), even);
      odd = load(e, at + (k + COUNT) * 4L).fma(load(u, (k + COUNT) * 4L), odd);
    }
    double sum = Vectors.sum(even.add(odd));
    for (; k < columns; k++) {
      sum += e.get(FLOAT, at + k * 4L) * u.get(FLOAT, k * 4L);
    }
    return sum;
  }

  /// `e = e u v`.
  private static void finish(MemorySegment e, long at, MemorySegment u, int columns, float v) {
    int k = 0;
    for (; k + COUNT <= columns; k += COUNT) {
      load(e, at + k * 4L).mul(load(u, k * 4L)).mul(v).intoMemorySegment(e, at + k * 4L, ORDER);
    }
    for (; k < columns; k++) {
      e.set(FLOAT, at + k * 4L, e.get(FLOAT, at + k * 4L) * u.get(FLOAT, k * 4L) * v);
    }
  }

  /// `sums += e v`.
  private static void addScaled(
      MemorySegment e, long at, int columns, float v, MemorySegment sums, long sumsAt) {
    FloatVector factor = FloatVector.broadcast(F32, v);
    int k = 0;
    for (; k + COUNT <= columns; k += COUNT) {
      load(e, at + k * 4L)
          .fma(factor, load(sums, sumsAt + k * 4L))
          .intoMemorySegment(sums, sumsAt + k * 4L, ORDER);
    }
    for (; k < columns; k++) {
      float sum = sums.get(FLOAT, sumsAt + k * 4L) + e.get(FLOAT, at + k * 4L) * v;
      sums.set(FLOAT, sumsAt + k * 4L, sum);
    }
  }

  private static FloatVector load(MemorySegment x, long offset) {
    return FloatVector.fromMemorySegment(F32, x, offset, ORDER);
  }
}
