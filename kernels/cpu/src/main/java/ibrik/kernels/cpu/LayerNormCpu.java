package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import ibrik.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/// Layer norm over rows of `width` floats: three passes over a row that stays in the first-level
/// cache. Backward, blocks of [#BLOCK] rows leave their sums for gamma and beta in f32, which are
/// added in f64 in order.
final class LayerNormCpu {
  private static final int BLOCK = 128;

  private LayerNormCpu() {}

  static void forward(CpuPool pool, List<Tensor> in, Tensor out, double eps) {
    Tensor x = in.getFirst();
    int width = (int) x.dim(-1);
    MemorySegment from = x.data();
    MemorySegment y = out.data();
    boolean affine = in.size() > 1;
    MemorySegment gamma = affine ? in.get(1).data() : MemorySegment.NULL;
    MemorySegment beta = affine ? in.get(2).data() : MemorySegment.NULL;
    forBlocks(
        pool,
        x,
        (_, first, last) -> {
          for (long row = first; row < last; row++) {
            long at = row * width * 4;
            float mean = (float) (sum(from, at, width) / width);
            float r = (float) (1 / Math.sqrt(squares(from, at, width, mean) / width + eps));
            if (affine) {
              write(from, y, at, width, mean, r, gamma, beta);
            } else {
              write(from, y, at, width, mean, r);
            }
          }
        });
  }

  static void backward(CpuPool pool, List<Tensor> in, List<Tensor> out, double eps) {
    Tensor x = in.getFirst();
    int width = (int) x.dim(-1);
    MemorySegment from = x.data();
    MemorySegment dy = in.get(1).data();
    MemorySegment dx = out.getFirst().data();
    boolean affine = in.size() > 2;
    MemorySegment gamma = affine ? in.get(2).data() : MemorySegment.NULL;
    int blocks = affine ? blocks(x) : 0;
    MemorySegment partials =
        Scratch.floats(Scratch.Slot.PARTIAL, Math.max(1, 2L * blocks * width)).fill((byte) 0);
    forBlocks(
        pool,
        x,
        (block, first, last) -> {
          // One row of dy gamma: x, dy and dx may share their memory, a row is read before it is
          // written.
          MemorySegment g = Scratch.floats(Scratch.Slot.GRADIENT, width);
          long sums = 2L * block * width * 4;
          for (long row = first; row < last; row++) {
            long at = row * width * 4;
            float mean = (float) (sum(from, at, width) / width);
            float r = (float) (1 / Math.sqrt(squares(from, at, width, mean) / width + eps));
            if (affine) {
              accumulate(from, dy, at, width, mean, r, gamma, g, partials, sums);
            } else {
              MemorySegment.copy(dy, at, g, 0, width * 4L);
            }
            gradient(from, g, dx, at, width, mean, r);
          }
        });
    if (affine) {
      join(partials, blocks, width, out.get(1).data(), out.get(2).data());
    }
  }

  private static void join(
      MemorySegment partials, int blocks, int width, MemorySegment dgamma, MemorySegment dbeta) {
    for (int c = 0; c < width; c++) {
      double scale = 0;
      double shift = 0;
      for (int block = 0; block < blocks; block++) {
        scale += partials.get(FLOAT, (2L * block * width + c) * 4);
        shift += partials.get(FLOAT, ((2L * block + 1) * width + c) * 4);
      }
      dgamma.set(FLOAT, c * 4L, (float) scale);
      dbeta.set(FLOAT, c * 4L, (float) shift);
    }
  }

  private static double sum(MemorySegment x, long at, int width) {
    FloatVector lanes = FloatVector.zero(F32);
    int i = 0;
    for (; i + COUNT <= width; i += COUNT) {
      lanes = lanes.add(load(x, at + i * 4L));
    }
    double sum = Vectors.sum(lanes);
    for (; i < width; i++) {
      sum += x.get(FLOAT, at + i * 4L);
    }
    return sum;
  }

  private static double squares(MemorySegment x, long at, int width, float mean) {
    FloatVector lanes = FloatVector.zero(F32);
    int i = 0;
    for (; i + COUNT <= width; i += COUNT) {
      FloatVector d = load(x, at + i * 4L).sub(mean);
      lanes = d.fma(d, lanes);
    }
    double sum = Vectors.sum(lanes);
    for (; i < width; i++) {
      float d = x.get(FLOAT, at + i * 4L) - mean;
      sum += d * d;
    }
    return sum;
  }

  private static void write(
      MemorySegment x, MemorySegment y, long at, int width, float mean, float r) {
    int i = 0;
    for (; i + COUNT <= width; i += COUNT) {
      load(x, at + i * 4L).sub(mean).mul(r).intoMemorySegment(y, at + i * 4L, ORDER);
    }
    for (; i < width; i++) {
      y.set(FLOAT, at + i * 4L, (x.get(FLOAT, at + i * 4L) - mean) * r);
    }
  }

  private static void write(
      MemorySegment x,
      MemorySegment y,
      long at,
      int width,
      float mean,
      float r,
      MemorySegment gamma,
      MemorySegment beta) {
    int i = 0;
    for (; i + COUNT <= width; i += COUNT) {
      load(x, at + i * 4L)
          .sub(mean)
          .mul(r)
          .mul(load(gamma, i * 4L))
          .add(load(beta, i * 4L))
          .intoMemorySegment(y, at + i * 4L, ORDER);
    }
    for (; i < width; i++) {
      float n = (x.get(FLOAT, at + i * 4L) - mean) * r;
      y.set(FLOAT, at + i * 4L, n * gamma.get(FLOAT, i * 4L) + beta.get(FLOAT, i * 4L));
    }
  }

  /// `g = dy gamma`, and adds `dy n` and `dy` to the block's sums.
  private static void accumulate(
      MemorySegment x,
      MemorySegment dy,
      long at,
      int width,
      float mean,
      float r,
      MemorySegment gamma,
      MemorySegment g,
      MemorySegment partials,
      long sums) {
    long shifts = sums + width * 4L;
    int i = 0;
    for (; i + COUNT <= width; i += COUNT) {
      long c = i * 4L;
      FloatVector d = load(dy, at + c);
      FloatVector n = load(x, at + c).sub(mean).mul(r);
      d.fma(n, load(partials, sums + c)).intoMemorySegment(partials, sums + c, ORDER);
      d.add(load(partials, shifts + c)).intoMemorySegment(partials, shifts + c, ORDER);
      d.mul(load(gamma, c)).intoMemorySegment(g, c, ORDER);
    }
    for (; i < width; i++) {
      long c = i * 4L;
      float d = dy.get(FLOAT, at + c);
      float n = (x.get(FLOAT, at + c) - mean) * r;
      partials.set(FLOAT, sums + c, partials.get(FLOAT, sums + c) + d * n);
      partials.set(FLOAT, shifts + c, partials.get(FLOAT, shifts + c) + d);
      g.set(FLOAT, c, d * gamma.get(FLOAT, c));
    }
  }

  /// `dx = r (g - mean(g) - n mean(g n))`.
  private static void gradient(
      MemorySegment x, MemorySegment g, MemorySegment dx, long at, int width, float mean, float r) {
    FloatVector plain = FloatVector.zero(F32);
    FloatVector along = FloatVector.zero(F32);
    int i = 0;
    for (; i + COUNT <= width; i += COUNT) {
      FloatVector d = load(g, i * 4L);
      plain = plain.add(d);
      along = d.fma(load(x, at + i * 4L).sub(mean), along);
    }
    double sum = Vectors.sum(plain);
    double product = Vectors.sum(along);
    for (; i < width; i++) {
      float d = g.get(FLOAT, i * 4L);
      sum += d;
      product += d * (x.get(FLOAT, at + i * 4L) - mean);
    }
    float level = (float) (sum / width);
    float slope = (float) (product * r * r / width);
    i = 0;
    for (; i + COUNT <= width; i += COUNT) {
      load(g, i * 4L)
          .sub(level)
          .sub(load(x, at + i * 4L).sub(mean).mul(slope))
          .mul(r)
          .intoMemorySegment(dx, at + i * 4L, ORDER);
    }
    for (; i < width; i++) {
      float d = g.get(FLOAT, i * 4L) - level - (x.get(FLOAT, at + i * 4L) - mean) * slope;
      dx.set(FLOAT, at + i * 4L, d * r);
    }
  }

  private interface Block {
    void run(int block, long first, long last);
  }

  private static int blocks(Tensor x) {
    return x.elems() == 0 ? 0 : (int) Math.ceilDiv(x.elems() / x.dim(-1), BLOCK);
  }

  private static void forBlocks(CpuPool pool, Tensor x, Block body) {
    long rows = x.elems() == 0 ? 0 : x.elems() / x.dim(-1);
    pool.run(blocks(x), i -> body.run(i, (long) i * BLOCK, Math.min(rows, (i + 1L) * BLOCK)));
  }

  private static FloatVector load(MemorySegment x, long offset) {
    return FloatVector.fromMemorySegment(F32, x, offset, ORDER);
  }
}
