package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Loops of the error function and of what is built on it. Offsets in floats. The normal
/// distribution's tail is a polynomial times `e^(-x^2 / 2)`, so that small probabilities keep their
/// digits.
final class GeluLoops {
  private static final float SQRT2 = 1.41421356f;

  /// `1 / sqrt(2 pi)`.
  private static final float DENSITY = 0.39894228f;

  /// Below, the odd polynomial of the error function.
  private static final float SMALL = 0.6f;

  private GeluLoops() {}

  /// Half of the error function of `a = |x| / sqrt 2`, complemented: `P(z > |x|)`, given `e =
  /// e^(-x^2 / 2)`. `e t p(t)` with `t = 1 / (1 + 0.26 |x|)`; p is fitted over the half axis to a
  /// relative error of 3e-8.
  private static FloatVector tail(FloatVector magnitude, FloatVector e) {
    FloatVector one = FloatVector.broadcast(F32, 1f);
    FloatVector t = one.div(magnitude.mul(0.26f).add(1f));
    FloatVector p = t.mul(0.0302303934f).add(-0.1514948606f);
    p = p.mul(t).add(0.2487340122f);
    p = p.mul(t).add(-0.1477901936f);
    p = p.mul(t).add(0.1587592959f);
    p = p.mul(t).add(0.0519646108f);
    p = p.mul(t).add(0.1027887315f);
    p = p.mul(t).add(0.1030509695f);
    p = p.mul(t).add(0.1037570238f);
    return p.mul(t).mul(e);
  }

  /// `e^(-x^2 / 2)`.
  private static FloatVector bell(FloatVector x) {
    return VectorMath.exp(x.mul(x).mul(-0.5f));
  }

  /// `P(z <= x)`, given `e = e^(-x^2 / 2)`.
  private static FloatVector below(FloatVector x, FloatVector e) {
    FloatVector tail = tail(x.abs(), e);
    FloatVector rest = FloatVector.broadcast(F32, 1f).sub(tail);
    return rest.blend(tail, x.compare(VectorOperators.LT, 0f));
  }

  private static FloatVector erf(FloatVector x) {
    FloatVector square = x.mul(x);
    FloatVector p = square.mul(-7.345680496e-4f).add(5.176413804e-3f);
    p = p.mul(square).add(-2.685736679e-2f);
    p = p.mul(square).add(1.1283717304e-1f);
    p = p.mul(square).add(-3.7612637877e-1f);
    p = p.mul(square).add(1.1283792257f);
    FloatVector near = p.mul(x);
    FloatVector both = tail(x.abs().mul(SQRT2), VectorMath.exp(square.neg())).mul(2f);
    FloatVector far = FloatVector.broadcast(F32, 1f).sub(both);
    far = far.blend(far.neg(), x.compare(VectorOperators.LT, 0f));
    return far.blend(near, x.abs().compare(VectorOperators.LT, SMALL));
  }

  private static FloatVector gelu(FloatVector x) {
    return x.mul(below(x, bell(x)));
  }

  private static FloatVector slope(FloatVector x) {
    FloatVector e = bell(x);
    return below(x, e).add(x.mul(e.mul(DENSITY)));
  }

  static void erf(MemorySegment x, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      erf(load(x, i)).intoMemorySegment(y, i * 4, ORDER);
    }
    if (i < to) {
      int rest = (int) (to - i);
      Vectors.storeTail(erf(Vectors.loadTail(x, i * 4, rest)), y, i * 4, rest);
    }
  }

  static void forward(MemorySegment x, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      gelu(load(x, i)).intoMemorySegment(y, i * 4, ORDER);
    }
    if (i < to) {
      int rest = (int) (to - i);
      Vectors.storeTail(gelu(Vectors.loadTail(x, i * 4, rest)), y, i * 4, rest);
    }
  }

  static void backward(MemorySegment x, MemorySegment dy, MemorySegment dx, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      load(dy, i).mul(slope(load(x, i))).intoMemorySegment(dx, i * 4, ORDER);
    }
    if (i < to) {
      int rest = (int) (to - i);
      FloatVector slope = slope(Vectors.loadTail(x, i * 4, rest));
      Vectors.storeTail(Vectors.loadTail(dy, i * 4, rest).mul(slope), dx, i * 4, rest);
    }
  }

  private static FloatVector load(MemorySegment x, long index) {
    return FloatVector.fromMemorySegment(F32, x, index * 4, ORDER);
  }
}
