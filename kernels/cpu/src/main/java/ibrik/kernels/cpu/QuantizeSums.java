package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// The gradients of the parameters of fake quantisation: `dx` is written, `dscale` and `dzero` are
/// summed over `count` neighbouring elements with one scale and zero point. Short blocks are summed
/// in f32 lanes, the blocks' sums in f64.
final class QuantizeSums {
  private static final long BLOCK = 64L * COUNT;

  /// One scale, one zero point and the grid.
  ///
  /// @param factor the scale, or its reciprocal where x is multiplied
  /// @param before added before rounding
  /// @param after added after rounding
  record Point(
      float scale, float factor, float before, float after, float zero, float low, float high) {}

  /// Writes `dx` and adds `dscale` to `sums[at]`, `dzero` to `sums[at + 1]`. Offsets in bytes.
  interface Loop {
    void run(
        MemorySegment x,
        MemorySegment dy,
        MemorySegment dx,
        long offset,
        long count,
        Point p,
        double[] sums,
        int at);
  }

  private QuantizeSums() {}

  static void multiply(
      MemorySegment x,
      MemorySegment dy,
      MemorySegment dx,
      long offset,
      long count,
      Point p,
      double[] sums,
      int at) {
    for (long start = 0; start < count; start += BLOCK) {
      long end = Math.min(count, start + BLOCK);
      FloatVector dscale = FloatVector.zero(F32);
      FloatVector outside = FloatVector.zero(F32);
      long i = start;
      for (; i + COUNT <= end; i += COUNT) {
        FloatVector v = load(x, offset + i * 4);
        FloatVector g = load(dy, offset + i * 4);
        FloatVector r = Rounding.halfEven(v.mul(p.factor).add(p.before)).add(p.after);
        FloatVector level = QuantizeLoops.saturated(r, p.low, p.high).sub(p.zero);
        FloatVector off = level.mul(p.scale).sub(v).mul(p.factor);
        VectorMask<Float> in = QuantizeLoops.inside(r, p.low, p.high);
        FloatVector passed = FloatVector.zero(F32).blend(g, in);
        passed.intoMemorySegment(dx, offset + i * 4, ORDER);
        dscale = dscale.add(g.mul(level.blend(off, in)));
        outside = outside.add(g.blend(0f, in));
      }
      sums[at] += dscale.reduceLanes(VectorOperators.ADD);
      sums[at + 1] -= outside.reduceLanes(VectorOperators.ADD) * (double) p.scale;
      for (; i < end; i++) {
        float v = x.get(FLOAT, offset + i * 4);
        float r = (float) Math.rint(v * p.factor + p.before) + p.after;
        one(v, r, dy, dx, offset + i * 4, p, false, sums, at);
      }
    }
  }

  static void divide(
      MemorySegment x,
      MemorySegment dy,
      MemorySegment dx,
      long offset,
      long count,
      Point p,
      double[] sums,
      int at) {
    for (long start = 0; start < count; start += BLOCK) {
      long end = Math.min(count, start + BLOCK);
      FloatVector dscale = FloatVector.zero(F32);
      FloatVector outside = FloatVector.zero(F32);
      long i = start;
      for (; i + COUNT <= end; i += COUNT) {
        FloatVector v = load(x, offset + i * 4);
        FloatVector g = load(dy, offset + i * 4);
        FloatVector r = Rounding.halfEven(v.div(p.factor).add(p.before)).add(p.after);
        FloatVector level = QuantizeLoops.saturated(r, p.low, p.high).sub(p.zero);
        FloatVector off = level.mul(p.scale).sub(v).div(p.factor);
        VectorMask<Float> in = QuantizeLoops.inside(r, p.low, p.high);
        FloatVector passed = FloatVector.zero(F32).blend(g, in);
        passed.intoMemorySegment(dx, offset + i * 4, ORDER);
        dscale = dscale.add(g.mul(level.blend(off, in)));
        outside = outside.add(g.blend(0f, in));
      }
      sums[at] += dscale.reduceLanes(VectorOperators.ADD);
      sums[at + 1] -= outside.reduceLanes(VectorOperators.ADD) * (double) p.scale;
      for (; i < end; i++) {
        float v = x.get(FLOAT, offset + i * 4);
        float r = (float) Math.rint(v / p.factor + p.before) + p.after;
        one(v, r, dy, dx, offset + i * 4, p, true, sums, at);
      }
    }
  }

  private static void one(
      float v,
      float r,
      MemorySegment dy,
      MemorySegment dx,
      long offset,
      Point p,
      boolean divide,
      double[] sums,
      int at) {
    float g = dy.get(FLOAT, offset);
    float level = QuantizeLoops.saturated(r, p.low, p.high) - p.zero;
    float off = level * p.scale - v;
    boolean in = r >= p.low && r <= p.high;
    dx.set(FLOAT, offset, in ? g : 0f);
    sums[at] += g * (in ? divide ? off / p.factor : off * p.factor : level);
    sums[at + 1] -= in ? 0 : g * (double) p.scale;
  }

  /// Learned step size: the mask is open and taken before rounding.
  static void lsq(
      MemorySegment x,
      MemorySegment dy,
      MemorySegment dx,
      long offset,
      long count,
      Point p,
      double[] sums,
      int at) {
    for (long start = 0; start < count; start += BLOCK) {
      long end = Math.min(count, start + BLOCK);
      FloatVector dscale = FloatVector.zero(F32);
      long i = start;
      for (; i + COUNT <= end; i += COUNT) {
        FloatVector g = load(dy, offset + i * 4);
        FloatVector r = load(x, offset + i * 4).div(p.factor);
        FloatVector q = QuantizeLoops.saturated(Rounding.halfEven(r), p.low, p.high);
        VectorMask<Float> in =
            r.compare(VectorOperators.GT, p.low).and(r.compare(VectorOperators.LT, p.high));
        FloatVector passed = FloatVector.zero(F32).blend(g, in);
        passed.intoMemorySegment(dx, offset + i * 4, ORDER);
        dscale = dscale.add(g.mul(q.blend(q.sub(r), in)));
      }
      sums[at] += dscale.reduceLanes(VectorOperators.ADD);
      for (; i < end; i++) {
        float g = dy.get(FLOAT, offset + i * 4);
        float r = x.get(FLOAT, offset + i * 4) / p.factor;
        float q = QuantizeLoops.saturated((float) Math.rint(r), p.low, p.high);
        boolean in = r > p.low && r < p.high;
        dx.set(FLOAT, offset + i * 4, in ? g : 0f);
        sums[at] += g * (in ? q - r : q);
      }
    }
  }

  private static FloatVector load(MemorySegment x, long offset) {
    return FloatVector.fromMemorySegment(F32, x, offset, ORDER);
  }
}
