package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import ibrik.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/// `2 - 2 cos` row by row: three products in one pass, nothing normalised in memory.
final class CosineCpu {
  private CosineCpu() {}

  /// `x.y`, `x.x` and `y.y` of one row.
  private record Products(double xy, double xx, double yy) {
    static Products of(MemorySegment x, MemorySegment y, long at, int width) {
      FloatVector xy = FloatVector.zero(F32);
      FloatVector xx = FloatVector.zero(F32);
      FloatVector yy = FloatVector.zero(F32);
      int i = 0;
      for (; i + COUNT <= width; i += COUNT) {
        FloatVector a = FloatVector.fromMemorySegment(F32, x, at + i * 4L, ORDER);
        FloatVector b = FloatVector.fromMemorySegment(F32, y, at + i * 4L, ORDER);
        xy = a.fma(b, xy);
        xx = a.fma(a, xx);
        yy = b.fma(b, yy);
      }
      double sumXy = Vectors.sum(xy);
      double sumXx = Vectors.sum(xx);
      double sumYy = Vectors.sum(yy);
      for (; i < width; i++) {
        float a = x.get(FLOAT, at + i * 4L);
        float b = y.get(FLOAT, at + i * 4L);
        sumXy += a * b;
        sumXx += a * a;
        sumYy += b * b;
      }
      return new Products(sumXy, sumXx, sumYy);
    }
  }

  static void forward(CpuPool pool, List<Tensor> in, Tensor out, double eps) {
    int width = (int) in.getFirst().dim(1);
    MemorySegment x = in.get(0).data();
    MemorySegment y = in.get(1).data();
    MemorySegment loss = out.data();
    Strips.rows(
        pool,
        (int) out.elems(),
        width,
        (i, at) -> {
          Products p = Products.of(x, y, at, width);
          double cosine = p.xy / Math.sqrt(Math.max(p.xx, eps)) / Math.sqrt(Math.max(p.yy, eps));
          loss.set(FLOAT, i * 4L, (float) (2 - 2 * cosine));
        });
  }

  /// `dx = -2 dloss (n(y) - n(x) cos) / |x|`, where the second term goes below the guard.
  static void backward(CpuPool pool, List<Tensor> in, Tensor out, double eps) {
    int width = (int) in.getFirst().dim(1);
    MemorySegment x = in.get(0).data();
    MemorySegment y = in.get(1).data();
    MemorySegment dloss = in.get(2).data();
    MemorySegment dx = out.data();
    Strips.rows(
        pool,
        (int) in.getFirst().dim(0),
        width,
        (i, at) -> {
          Products p = Products.of(x, y, at, width);
          double rx = 1 / Math.sqrt(Math.max(p.xx, eps));
          double scale = -2 * dloss.get(FLOAT, i * 4L) * rx / Math.sqrt(Math.max(p.yy, eps));
          double along = p.xx < eps ? 0 : -scale * p.xy * rx * rx;
          combine(y, (float) scale, x, (float) along, dx, at, width);
        });
  }

  /// `to = a s + b t`.
  private static void combine(
      MemorySegment a, float s, MemorySegment b, float t, MemorySegment to, long at, int width) {
    int i = 0;
    for (; i + COUNT <= width; i += COUNT) {
      FloatVector left = FloatVector.fromMemorySegment(F32, a, at + i * 4L, ORDER).mul(s);
      FloatVector right = FloatVector.fromMemorySegment(F32, b, at + i * 4L, ORDER).mul(t);
      left.add(right).intoMemorySegment(to, at + i * 4L, ORDER);
    }
    for (; i < width; i++) {
      to.set(FLOAT, at + i * 4L, a.get(FLOAT, at + i * 4L) * s + b.get(FLOAT, at + i * 4L) * t);
    }
  }
}
