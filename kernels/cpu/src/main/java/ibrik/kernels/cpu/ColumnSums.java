package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.BYTES;
import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Sums down the columns of a row-major matrix `[rows, columns]`: the pattern of batch norm, bias
/// gradients and pooling over an image.
///
/// Rows are cut into blocks of at most [#BLOCK]; a block is summed in f32 with four accumulators
/// per column, the blocks' sums are added in f64 in order. So the error grows with the block, not
/// with the rows, and the result does not depend on the threads. Four vectors of columns go down
/// together where there are as many: memory is then read in runs that it can prefetch.
final class ColumnSums {
  /// Most rows per block.
  static final int BLOCK = 512;

  private static final int LEAST = 16;
  private static final int FLOATS = 1 << 13;

  /// Rows per block: a block stays in the first-level cache, for it is gone through column by
  /// column.
  private static int height(int columns) {
    return Math.clamp(FLOATS / Math.max(columns, 1), LEAST, BLOCK);
  }

  /// Sums over one block of rows, for all columns, into `sums` (floats, byte offset `at`).
  interface Block {
    void run(long firstRow, int rows, MemorySegment sums, long at);
  }

  private ColumnSums() {}

  /// Runs `block` over all rows; `quantities` sums per column, laid out one after the other.
  /// Returns `quantities * columns` totals.
  static double[] run(CpuPool pool, long rows, int columns, int quantities, Block block) {
    int height = height(columns);
    int blocks = (int) Math.ceilDiv(rows, height);
    int width = columns * quantities;
    MemorySegment partials =
        Scratch.floats(Scratch.Slot.PARTIAL, Math.max(1, (long) blocks * width));
    pool.run(
        blocks,
        i -> {
          long first = (long) i * height;
          block.run(first, (int) Math.min(height, rows - first), partials, (long) i * width * 4);
        });
    double[] totals = new double[width];
    for (int i = 0; i < blocks; i++) {
      for (int j = 0; j < width; j++) {
        totals[j] += partials.get(FLOAT, ((long) i * width + j) * 4);
      }
    }
    return totals;
  }

  private static FloatVector load(MemorySegment x, long offset) {
    return FloatVector.fromMemorySegment(F32, x, offset, ORDER);
  }

  private static void store4(
      FloatVector v0,
      FloatVector v1,
      FloatVector v2,
      FloatVector v3,
      MemorySegment to,
      long offset) {
    v0.intoMemorySegment(to, offset, ORDER);
    v1.intoMemorySegment(to, offset + BYTES, ORDER);
    v2.intoMemorySegment(to, offset + 2 * BYTES, ORDER);
    v3.intoMemorySegment(to, offset + 3 * BYTES, ORDER);
  }

  /// `sum x` per column.
  static void sum(MemorySegment x, long first, int rows, int columns, MemorySegment sums, long at) {
    long step = columns * 4L;
    int j = 0;
    for (; j + 4 * COUNT <= columns; j += 4 * COUNT) {
      long p = first * step + j * 4L;
      FloatVector s0 = FloatVector.zero(F32);
      FloatVector s1 = FloatVector.zero(F32);
      FloatVector s2 = FloatVector.zero(F32);
      FloatVector s3 = FloatVector.zero(F32);
      for (int i = 0; i < rows; i++, p += step) {
        s0 = s0.add(load(x, p));
        s1 = s1.add(load(x, p + BYTES));
        s2 = s2.add(load(x, p + 2 * BYTES));
        s3 = s3.add(load(x, p + 3 * BYTES));
      }
      store4(s0, s1, s2, s3, sums, at + j * 4L);
    }
    for (; j + COUNT <= columns; j += COUNT) {
      long p = first * step + j * 4L;
      FloatVector s0 = FloatVector.zero(F32);
      FloatVector s1 = FloatVector.zero(F32);
      FloatVector s2 = FloatVector.zero(F32);
      FloatVector s3 = FloatVector.zero(F32);
      int i = 0;
      for (; i + 4 <= rows; i += 4, p += 4 * step) {
        s0 = s0.add(FloatVector.fromMemorySegment(F32, x, p, ORDER));
        s1 = s1.add(FloatVector.fromMemorySegment(F32, x, p + step, ORDER));
        s2 = s2.add(FloatVector.fromMemorySegment(F32, x, p + 2 * step, ORDER));
        s3 = s3.add(FloatVector.fromMemorySegment(F32, x, p + 3 * step, ORDER));
      }
      for (; i < rows; i++, p += step) {
        s0 = s0.add(FloatVector.fromMemorySegment(F32, x, p, ORDER));
      }
      s0.add(s1).add(s2.add(s3)).intoMemorySegment(sums, at + j * 4L, ORDER);
    }
    for (; j < columns; j++) {
      float s = 0;
      for (int i = 0; i < rows; i++) {
        s += x.get(FLOAT, (first + i) * step + j * 4L);
      }
      sums.set(FLOAT, at + j * 4L, s);
    }
  }

  /// `sum (x - mean)^2` per column; `mean` holds one float per column.
  static void squares(
      MemorySegment x,
      MemorySegment mean,
      long first,
      int rows,
      int columns,
      MemorySegment sums,
      long at) {
    long step = columns * 4L;
    int j = 0;
    for (; j + 4 * COUNT <= columns; j += 4 * COUNT) {
      long p = first * step + j * 4L;
      FloatVector m0 = load(mean, j * 4L);
      FloatVector m1 = load(mean, j * 4L + BYTES);
      FloatVector m2 = load(mean, j * 4L + 2 * BYTES);
      FloatVector m3 = load(mean, j * 4L + 3 * BYTES);
      FloatVector s0 = FloatVector.zero(F32);
      FloatVector s1 = FloatVector.zero(F32);
      FloatVector s2 = FloatVector.zero(F32);
      FloatVector s3 = FloatVector.zero(F32);
      for (int i = 0; i < rows; i++, p += step) {
        FloatVector d0 = load(x, p).sub(m0);
        FloatVector d1 = load(x, p + BYTES).sub(m1);
        FloatVector d2 = load(x, p + 2 * BYTES).sub(m2);
        FloatVector d3 = load(x, p + 3 * BYTES).sub(m3);
        s0 = d0.fma(d0, s0);
        s1 = d1.fma(d1, s1);
        s2 = d2.fma(d2, s2);
        s3 = d3.fma(d3, s3);
      }
      store4(s0, s1, s2, s3, sums, at + j * 4L);
    }
    for (; j + COUNT <= columns; j += COUNT) {
      long p = first * step + j * 4L;
      FloatVector m = FloatVector.fromMemorySegment(F32, mean, j * 4L, ORDER);
      FloatVector s0 = FloatVector.zero(F32);
      FloatVector s1 = FloatVector.zero(F32);
      int i = 0;
      for (; i + 2 <= rows; i += 2, p += 2 * step) {
        FloatVector d0 = FloatVector.fromMemorySegment(F32, x, p, ORDER).sub(m);
        FloatVector d1 = FloatVector.fromMemorySegment(F32, x, p + step, ORDER).sub(m);
        s0 = d0.fma(d0, s0);
        s1 = d1.fma(d1, s1);
      }
      for (; i < rows; i++, p += step) {
        FloatVector d = FloatVector.fromMemorySegment(F32, x, p, ORDER).sub(m);
        s0 = d.fma(d, s0);
      }
      s0.add(s1).intoMemorySegment(sums, at + j * 4L, ORDER);
    }
    for (; j < columns; j++) {
      float m = mean.get(FLOAT, j * 4L);
      float s = 0;
      for (int i = 0; i < rows; i++) {
        float d = x.get(FLOAT, (first + i) * step + j * 4L) - m;
        s += d * d;
      }
      sums.set(FLOAT, at + j * 4L, s);
    }
  }

  /// `sum x y` per column.
  static void products(
      MemorySegment x,
      MemorySegment y,
      long first,
      int rows,
      int columns,
      MemorySegment sums,
      long at) {
    long step = columns * 4L;
    int j = 0;
    for (; j + 4 * COUNT <= columns; j += 4 * COUNT) {
      long p = first * step + j * 4L;
      FloatVector s0 = FloatVector.zero(F32);
      FloatVector s1 = FloatVector.zero(F32);
      FloatVector s2 = FloatVector.zero(F32);
      FloatVector s3 = FloatVector.zero(F32);
      for (int i = 0; i < rows; i++, p += step) {
        s0 = load(x, p).fma(load(y, p), s0);
        s1 = load(x, p + BYTES).fma(load(y, p + BYTES), s1);
        s2 = load(x, p + 2 * BYTES).fma(load(y, p + 2 * BYTES), s2);
        s3 = load(x, p + 3 * BYTES).fma(load(y, p + 3 * BYTES), s3);
      }
      store4(s0, s1, s2, s3, sums, at + j * 4L);
    }
    for (; j + COUNT <= columns; j += COUNT) {
      long p = first * step + j * 4L;
      FloatVector s = FloatVector.zero(F32);
      for (int i = 0; i < rows; i++, p += step) {
        s = load(x, p).fma(load(y, p), s);
      }
      s.intoMemorySegment(sums, at + j * 4L, ORDER);
    }
    for (; j < columns; j++) {
      float s = 0;
      for (int i = 0; i < rows; i++) {
        long p = (first + i) * step + j * 4L;
        s += x.get(FLOAT, p) * y.get(FLOAT, p);
      }
      sums.set(FLOAT, at + j * 4L, s);
    }
  }

  /// `sum dy` and `sum dy (x - mean) r` per column, the second after all of the first.
  static void gradients(
      MemorySegment x,
      MemorySegment dy,
      MemorySegment mean,
      MemorySegment r,
      long first,
      int rows,
      int columns,
      MemorySegment sums,
      long at) {
    long step = columns * 4L;
    long second = at + step;
    int j = 0;
    for (; j + 4 * COUNT <= columns; j += 4 * COUNT) {
      long p = first * step + j * 4L;
      FloatVector m0 = load(mean, j * 4L);
      FloatVector m1 = load(mean, j * 4L + BYTES);
      FloatVector m2 = load(mean, j * 4L + 2 * BYTES);
      FloatVector m3 = load(mean, j * 4L + 3 * BYTES);
      FloatVector a0 = FloatVector.zero(F32);
      FloatVector a1 = FloatVector.zero(F32);
      FloatVector a2 = FloatVector.zero(F32);
      FloatVector a3 = FloatVector.zero(F32);
      FloatVector b0 = FloatVector.zero(F32);
      FloatVector b1 = FloatVector.zero(F32);
      FloatVector b2 = FloatVector.zero(F32);
      FloatVector b3 = FloatVector.zero(F32);
      for (int i = 0; i < rows; i++, p += step) {
        FloatVector g0 = load(dy, p);
        FloatVector g1 = load(dy, p + BYTES);
        FloatVector g2 = load(dy, p + 2 * BYTES);
        FloatVector g3 = load(dy, p + 3 * BYTES);
        a0 = a0.add(g0);
        a1 = a1.add(g1);
        a2 = a2.add(g2);
        a3 = a3.add(g3);
        b0 = load(x, p).sub(m0).fma(g0, b0);
        b1 = load(x, p + BYTES).sub(m1).fma(g1, b1);
        b2 = load(x, p + 2 * BYTES).sub(m2).fma(g2, b2);
        b3 = load(x, p + 3 * BYTES).sub(m3).fma(g3, b3);
      }
      store4(a0, a1, a2, a3, sums, at + j * 4L);
      long scale = j * 4L;
      store4(
          b0.mul(load(r, scale)),
          b1.mul(load(r, scale + BYTES)),
          b2.mul(load(r, scale + 2 * BYTES)),
          b3.mul(load(r, scale + 3 * BYTES)),
          sums,
          second + j * 4L);
    }
    for (; j + COUNT <= columns; j += COUNT) {
      long p = first * step + j * 4L;
      FloatVector m = FloatVector.fromMemorySegment(F32, mean, j * 4L, ORDER);
      FloatVector scale = FloatVector.fromMemorySegment(F32, r, j * 4L, ORDER);
      FloatVector a0 = FloatVector.zero(F32);
      FloatVector a1 = FloatVector.zero(F32);
      FloatVector b0 = FloatVector.zero(F32);
      FloatVector b1 = FloatVector.zero(F32);
      int i = 0;
      for (; i + 2 <= rows; i += 2, p += 2 * step) {
        FloatVector g0 = FloatVector.fromMemorySegment(F32, dy, p, ORDER);
        FloatVector g1 = FloatVector.fromMemorySegment(F32, dy, p + step, ORDER);
        a0 = a0.add(g0);
        a1 = a1.add(g1);
        b0 = FloatVector.fromMemorySegment(F32, x, p, ORDER).sub(m).fma(g0, b0);
        b1 = FloatVector.fromMemorySegment(F32, x, p + step, ORDER).sub(m).fma(g1, b1);
      }
      for (; i < rows; i++, p += step) {
        FloatVector g = FloatVector.fromMemorySegment(F32, dy, p, ORDER);
        a0 = a0.add(g);
        b0 = FloatVector.fromMemorySegment(F32, x, p, ORDER).sub(m).fma(g, b0);
      }
      a0.add(a1).intoMemorySegment(sums, at + j * 4L, ORDER);
      b0.add(b1).mul(scale).intoMemorySegment(sums, second + j * 4L, ORDER);
    }
    for (; j < columns; j++) {
      float m = mean.get(FLOAT, j * 4L);
      float a = 0;
      float b = 0;
      for (int i = 0; i < rows; i++) {
        long p = (first + i) * step + j * 4L;
        float g = dy.get(FLOAT, p);
        a += g;
        b += (x.get(FLOAT, p) - m) * g;
      }
      sums.set(FLOAT, at + j * 4L, a);
      sums.set(FLOAT, second + j * 4L, b * r.get(FLOAT, j * 4L));
    }
  }
}
