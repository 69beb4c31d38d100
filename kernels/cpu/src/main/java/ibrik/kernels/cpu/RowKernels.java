package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.BYTES;
import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Kernels over one row of `width` floats that starts at byte `at`.
final class RowKernels {
  private RowKernels() {}

  private static FloatVector load(MemorySegment x, long offset) {
    return FloatVector.fromMemorySegment(F32, x, offset, ORDER);
  }

  /// The largest element; NaNs are passed over, and -Infinity is the largest of none. Four running
  /// maxima, so that none waits for the one before it.
  static float max(MemorySegment x, long at, int width) {
    FloatVector m0 = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
    FloatVector m1 = m0;
    FloatVector m2 = m0;
    FloatVector m3 = m0;
    int i = 0;
    for (; i + 4 * COUNT <= width; i += 4 * COUNT) {
      m0 = larger(m0, load(x, at + i * 4L));
      m1 = larger(m1, load(x, at + i * 4L + BYTES));
      m2 = larger(m2, load(x, at + i * 4L + 2 * BYTES));
      m3 = larger(m3, load(x, at + i * 4L + 3 * BYTES));
    }
    for (; i + COUNT <= width; i += COUNT) {
      m0 = larger(m0, load(x, at + i * 4L));
    }
    float max = larger(larger(m0, m1), larger(m2, m3)).reduceLanes(VectorOperators.MAX);
    for (; i < width; i++) {
      float value = x.get(FLOAT, at + i * 4L);
      max = value > max ? value : max;
    }
    return max;
  }

  /// One comparison, where `max` of Java takes care of NaN and of the order of zeros.
  private static FloatVector larger(FloatVector most, FloatVector x) {
    return most.blend(x, x.compare(VectorOperators.GT, most));
  }

  /// Writes `e^(x - shift)` and returns the sum; `shift` is at least the largest x.
  static double expSum(MemorySegment x, MemorySegment y, long at, int width, float shift) {
    double sum = 0;
    int i = 0;
    FloatVector lanes = FloatVector.zero(F32);
    for (; i + COUNT <= width; i += COUNT) {
      FloatVector e = VectorMath.expBelow(load(x, at + i * 4L).sub(shift));
      e.intoMemorySegment(y, at + i * 4L, ORDER);
      lanes = lanes.add(e);
    }
    sum += Vectors.sum(lanes);
    for (; i < width; i++) {
      float e = VectorMath.expBelow(x.get(FLOAT, at + i * 4L) - shift);
      y.set(FLOAT, at + i * 4L, e);
      sum += e;
    }
    return sum;
  }

  /// `sum e^(factor x - shift)`; `shift` is at least the largest `factor x`.
  static double expSum(MemorySegment x, long at, int width, float factor, float shift) {
    int i = 0;
    FloatVector lanes = FloatVector.zero(F32);
    for (; i + COUNT <= width; i += COUNT) {
      lanes = lanes.add(VectorMath.expBelow(load(x, at + i * 4L).mul(factor).sub(shift)));
    }
    double sum = Vectors.sum(lanes);
    for (; i < width; i++) {
      sum += VectorMath.expBelow(x.get(FLOAT, at + i * 4L) * factor - shift);
    }
    return sum;
  }

  /// The same where all exponents are at most [VectorMath#NORMAL] in size.
  static double normalExpSum(MemorySegment x, long at, int width, float factor, float shift) {
    int i = 0;
    FloatVector lanes = FloatVector.zero(F32);
    for (; i + COUNT <= width; i += COUNT) {
      lanes = lanes.add(VectorMath.normalExp(load(x, at + i * 4L).mul(factor).sub(shift)));
    }
    double sum = Vectors.sum(lanes);
    for (; i < width; i++) {
      sum += VectorMath.exp(x.get(FLOAT, at + i * 4L) * factor - shift);
    }
    return sum;
  }

  static void softmax(MemorySegment x, MemorySegment y, long at, int width) {
    double sum = expSum(x, y, at, width, max(x, at, width));
    scale(y, y, at, width, (float) (1 / sum));
  }

  /// `ln sum e^x`; the row is overwritten.
  static float logSumExp(MemorySegment x, long at, int width) {
    float max = max(x, at, width);
    return max + (float) StrictMath.log(expSum(x, x, at, width, max));
  }

  static void logSoftmax(MemorySegment x, MemorySegment y, long at, int width) {
    float max = max(x, at, width);
    float log = (float) StrictMath.log(expSum(x, y, at, width, max));
    int i = 0;
    for (; i + COUNT <= width; i += COUNT) {
      load(x, at + i * 4L).sub(max).sub(log).intoMemorySegment(y, at + i * 4L, ORDER);
    }
    for (; i < width; i++) {
      y.set(FLOAT, at + i * 4L, x.get(FLOAT, at + i * 4L) - max - log);
    }
  }

  /// `-log softmax(x)[label]`, with the row at byte `at`.
  static float crossEntropy(MemorySegment x, long at, int width, int label) {
    float max = max(x, at, width);
    double sum = expSum(x, at, width, 1, max);
    return (float) (StrictMath.log(sum) - (x.get(FLOAT, at + label * 4L) - max));
  }

  static void scale(MemorySegment x, MemorySegment y, long at, int width, float factor) {
    int i = 0;
    for (; i + COUNT <= width; i += COUNT) {
      load(x, at + i * 4L).mul(factor).intoMemorySegment(y, at + i * 4L, ORDER);
    }
    for (; i < width; i++) {
      y.set(FLOAT, at + i * 4L, x.get(FLOAT, at + i * 4L) * factor);
    }
  }

  static double dot(MemorySegment a, MemorySegment b, long at, int width) {
    int i = 0;
    FloatVector lanes = FloatVector.zero(F32);
    for (; i + COUNT <= width; i += COUNT) {
      lanes = load(a, at + i * 4L).fma(load(b, at + i * 4L), lanes);
    }
    double sum = Vectors.sum(lanes);
    for (; i < width; i++) {
      sum += a.get(FLOAT, at + i * 4L) * b.get(FLOAT, at + i * 4L);
    }
    return sum;
  }

  static void l2Normalize(MemorySegment x, MemorySegment y, long at, int width, double eps) {
    double square = dot(x, x, at, width);
    scale(x, y, at, width, (float) (1 / Math.sqrt(Math.max(square, eps))));
  }

  static void l2NormalizeBackward(
      MemorySegment x, MemorySegment dy, MemorySegment dx, long at, int width, double eps) {
    double square = dot(x, x, at, width);
    double r = 1 / Math.sqrt(Math.max(square, eps));
    double along = square < eps ? 0 : dot(x, dy, at, width) * r * r;
    float fr = (float) r;
    float back = (float) (along * r);
    int i = 0;
    for (; i + COUNT <= width; i += COUNT) {
      load(dy, at + i * 4L)
          .mul(fr)
          .sub(load(x, at + i * 4L).mul(back))
          .intoMemorySegment(dx, at + i * 4L, ORDER);
    }
    for (; i < width; i++) {
      float value = dy.get(FLOAT, at + i * 4L) * fr - x.get(FLOAT, at + i * 4L) * back;
      dx.set(FLOAT, at + i * 4L, value);
    }
  }
}
