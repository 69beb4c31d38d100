package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// The loops of fake quantisation over `count` neighbouring elements. Offsets in bytes.
///
/// Parameters lie in rows of `width` floats, see [Parameters]; element `i` uses column `i * step`,
/// so that with step 0 one column of equal lanes serves all and with step 1 each element has its
/// own. One loop body serves both that way, and the parameters are always loaded.
final class QuantizeLoops {
  /// Where a row of parameters stands.
  record Parameters(MemorySegment data, int width, int step) {
    /// The scale, or its reciprocal where x is multiplied.
    static final int FACTOR = 0;

    /// What is added before rounding.
    static final int BEFORE = 1;

    /// What is added after rounding.
    static final int AFTER = 2;

    /// The zero point.
    static final int ZERO = 3;

    /// The scale.
    static final int SCALE = 4;

    /// Number of rows.
    static final int ROWS = 5;
  }

  /// A streaming loop: `y` from `x` and, going backward, `dy`.
  interface Loop {
    void run(
        MemorySegment x,
        MemorySegment dy,
        MemorySegment y,
        long at,
        long count,
        Parameters p,
        float low,
        float high);
  }

  private QuantizeLoops() {}

  static void multiply(
      MemorySegment x,
      MemorySegment dy,
      MemorySegment y,
      long at,
      long count,
      Parameters p,
      float low,
      float high) {
    MemorySegment q = p.data;
    long row = p.width * 4L;
    long step = p.step * 4L;
    long i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      long c = i * step;
      FloatVector r = rounded(load(x, at + i * 4).mul(load(q, c)), q, row, c);
      dequantized(r, q, row, c, low, high).intoMemorySegment(y, at + i * 4, ORDER);
    }
    for (; i < count; i++) {
      long c = i * step;
      float r = rounded(x.get(FLOAT, at + i * 4) * q.get(FLOAT, c), q, row, c);
      y.set(FLOAT, at + i * 4, dequantized(r, q, row, c, low, high));
    }
  }

  static void divide(
      MemorySegment x,
      MemorySegment dy,
      MemorySegment y,
      long at,
      long count,
      Parameters p,
      float low,
      float high) {
    MemorySegment q = p.data;
    long row = p.width * 4L;
    long step = p.step * 4L;
    long i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      long c = i * step;
      FloatVector r = rounded(load(x, at + i * 4).div(load(q, c)), q, row, c);
      dequantized(r, q, row, c, low, high).intoMemorySegment(y, at + i * 4, ORDER);
    }
    for (; i < count; i++) {
      long c = i * step;
      float r = rounded(x.get(FLOAT, at + i * 4) / q.get(FLOAT, c), q, row, c);
      y.set(FLOAT, at + i * 4, dequantized(r, q, row, c, low, high));
    }
  }

  static void multiplyBackward(
      MemorySegment x,
      MemorySegment dy,
      MemorySegment dx,
      long at,
      long count,
      Parameters p,
      float low,
      float high) {
    MemorySegment q = p.data;
    long row = p.width * 4L;
    long step = p.step * 4L;
    long i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      long c = i * step;
      FloatVector r = rounded(load(x, at + i * 4).mul(load(q, c)), q, row, c);
      FloatVector.zero(F32)
          .blend(load(dy, at + i * 4), inside(r, low, high))
          .intoMemorySegment(dx, at + i * 4, ORDER);
    }
    for (; i < count; i++) {
      long c = i * step;
      float r = rounded(x.get(FLOAT, at + i * 4) * q.get(FLOAT, c), q, row, c);
      dx.set(FLOAT, at + i * 4, r >= low && r <= high ? dy.get(FLOAT, at + i * 4) : 0f);
    }
  }

  static void divideBackward(
      MemorySegment x,
      MemorySegment dy,
      MemorySegment dx,
      long at,
      long count,
      Parameters p,
      float low,
      float high) {
    MemorySegment q = p.data;
    long row = p.width * 4L;
    long step = p.step * 4L;
    long i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      long c = i * step;
      FloatVector r = rounded(load(x, at + i * 4).div(load(q, c)), q, row, c);
      FloatVector.zero(F32)
          .blend(load(dy, at + i * 4), inside(r, low, high))
          .intoMemorySegment(dx, at + i * 4, ORDER);
    }
    for (; i < count; i++) {
      long c = i * step;
      float r = rounded(x.get(FLOAT, at + i * 4) / q.get(FLOAT, c), q, row, c);
      dx.set(FLOAT, at + i * 4, r >= low && r <= high ? dy.get(FLOAT, at + i * 4) : 0f);
    }
  }

  // ---- one element, or one vector of them ----

  private static FloatVector rounded(FloatVector ratio, MemorySegment q, long row, long c) {
    return Rounding.halfEven(ratio.add(load(q, Parameters.BEFORE * row + c)))
        .add(load(q, Parameters.AFTER * row + c));
  }

  private static float rounded(float ratio, MemorySegment q, long row, long c) {
    return (float) Math.rint(ratio + q.get(FLOAT, Parameters.BEFORE * row + c))
        + q.get(FLOAT, Parameters.AFTER * row + c);
  }

  private static FloatVector dequantized(
      FloatVector r, MemorySegment q, long row, long c, float low, float high) {
    return saturated(r, low, high)
        .sub(load(q, Parameters.ZERO * row + c))
        .mul(load(q, Parameters.SCALE * row + c));
  }

  private static float dequantized(
      float r, MemorySegment q, long row, long c, float low, float high) {
    return (saturated(r, low, high) - q.get(FLOAT, Parameters.ZERO * row + c))
        * q.get(FLOAT, Parameters.SCALE * row + c);
  }

  /// Held in the grid; comparisons with NaN are false, so that it becomes the lowest.
  static FloatVector saturated(FloatVector r, float low, float high) {
    return FloatVector.broadcast(F32, low)
        .blend(r, r.compare(VectorOperators.GT, low))
        .blend(high, r.compare(VectorOperators.GE, high));
  }

  static float saturated(float r, float low, float high) {
    return r > low ? r < high ? r : high : low;
  }

  static VectorMask<Float> inside(FloatVector r, float low, float high) {
    return r.compare(VectorOperators.GE, low).and(r.compare(VectorOperators.LE, high));
  }

  private static FloatVector load(MemorySegment x, long offset) {
    return FloatVector.fromMemorySegment(F32, x, offset, ORDER);
  }
}
