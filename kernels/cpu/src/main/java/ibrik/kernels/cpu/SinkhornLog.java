package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// [Sinkhorn] in logarithms, for scores that spread too far for floats: `z = scores / epsilon`, and
/// in turn `f_k = -ln K - ln sum_b e^(z_bk + g_b)` and `g_b = -ln B - ln sum_k e^(z_bk + f_k)`.
/// Three passes over the scores per iteration, nothing but the codes written.
final class SinkhornLog {
  private SinkhornLog() {}

  static void run(
      CpuPool pool,
      RowBlocks blocks,
      MemorySegment s,
      MemorySegment codes,
      float inverse,
      int iterations) {
    int columns = blocks.columns();
    float logColumns = (float) StrictMath.log(columns);
    float logRows = (float) StrictMath.log(blocks.rows());
    MemorySegment partials = blocks.partials();
    MemorySegment vectors = Scratch.floats(Scratch.Slot.WEIGHTS, 2L * columns);
    MemorySegment max = vectors.asSlice(0, columns * 4L);
    MemorySegment f = vectors.asSlice(columns * 4L, columns * 4L);
    float[] g = new float[blocks.rows()];
    for (int t = 1; t <= iterations; t++) {
      boolean end = t == iterations;
      blocks.run(
          pool,
          (block, first, last) -> {
            blocks.fill(partials, block, Float.NEGATIVE_INFINITY);
            for (int b = first; b < last; b++) {
              maxima(s, blocks.at(b), columns, inverse, g[b], partials, blocks.at(block));
            }
          });
      blocks.join(pool, partials, RowBlocks.Join.MAX, max);
      blocks.run(
          pool,
          (block, first, last) -> {
            blocks.fill(partials, block, 0);
            for (int b = first; b < last; b++) {
              sums(s, blocks.at(b), columns, inverse, g[b], max, partials, blocks.at(block));
            }
          });
      blocks.join(pool, partials, RowBlocks.Join.SUM, f);
      for (int k = 0; k < columns; k++) {
        float log = VectorMath.log(f.get(FLOAT, k * 4L));
        f.set(FLOAT, k * 4L, -logColumns - max.get(FLOAT, k * 4L) - log);
      }
      blocks.run(
          pool,
          (_, first, last) -> {
            for (int b = first; b < last; b++) {
              // The codes' row is the workspace; the last one stays.
              shifted(s, codes, blocks.at(b), columns, inverse, f);
              if (end) {
                RowKernels.softmax(codes, codes, blocks.at(b), columns);
              } else {
                g[b] = -logRows - RowKernels.logSumExp(codes, blocks.at(b), columns);
              }
            }
          });
    }
  }

  /// `max_k = max(max_k, z_k + g)`.
  private static void maxima(
      MemorySegment s,
      long at,
      int columns,
      float inverse,
      float g,
      MemorySegment max,
      long maxAt) {
    int k = 0;
    for (; k + COUNT <= columns; k += COUNT) {
      FloatVector one = load(s, at + k * 4L).mul(inverse).add(g);
      load(max, maxAt + k * 4L).max(one).intoMemorySegment(max, maxAt + k * 4L, ORDER);
    }
    for (; k < columns; k++) {
      float one = s.get(FLOAT, at + k * 4L) * inverse + g;
      max.set(FLOAT, maxAt + k * 4L, Math.max(max.get(FLOAT, maxAt + k * 4L), one));
    }
  }

  /// `sum_k += e^(z_k + g - max_k)`.
  private static void sums(
      MemorySegment s,
      long at,
      int columns,
      float inverse,
      float g,
      MemorySegment max,
      MemorySegment sum,
      long sumAt) {
    int k = 0;
    for (; k + COUNT <= columns; k += COUNT) {
      FloatVector one = load(s, at + k * 4L).mul(inverse).add(g).sub(load(max, k * 4L));
      load(sum, sumAt + k * 4L)
          .add(VectorMath.exp(one))
          .intoMemorySegment(sum, sumAt + k * 4L, ORDER);
    }
    if (k < columns) {
      int rest = columns - k;
      FloatVector last = Vectors.loadTail(s, at + k * 4L, rest).mul(inverse).add(g);
      FloatVector one = VectorMath.exp(last.sub(Vectors.loadTail(max, k * 4L, rest)));
      FloatVector more = Vectors.loadTail(sum, sumAt + k * 4L, rest).add(one);
      Vectors.storeTail(more, sum, sumAt + k * 4L, rest);
    }
  }

  /// `to_k = z_k + f_k`.
  private static void shifted(
      MemorySegment s, MemorySegment to, long at, int columns, float inverse, MemorySegment f) {
    int k = 0;
    for (; k + COUNT <= columns; k += COUNT) {
      load(s, at + k * 4L)
          .mul(inverse)
          .add(load(f, k * 4L))
          .intoMemorySegment(to, at + k * 4L, ORDER);
    }
    for (; k < columns; k++) {
      to.set(FLOAT, at + k * 4L, s.get(FLOAT, at + k * 4L) * inverse + f.get(FLOAT, k * 4L));
    }
  }

  private static FloatVector load(MemorySegment x, long offset) {
    return FloatVector.fromMemorySegment(F32, x, offset, ORDER);
  }
}
