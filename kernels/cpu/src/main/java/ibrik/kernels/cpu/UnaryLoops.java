package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// One loop per unary op over elements `from ... to-1`: a vector body and a scalar tail. Separate
/// loops, because the compiler keeps vectors in registers only where the op is known.
final class UnaryLoops {
  private UnaryLoops() {}

  static void neg(MemorySegment a, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(F32, a, i * 4, ORDER);
      x.neg().intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      float x = a.get(FLOAT, i * 4);
      y.set(FLOAT, i * 4, -x);
    }
  }

  static void abs(MemorySegment a, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(F32, a, i * 4, ORDER);
      x.abs().intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      float x = a.get(FLOAT, i * 4);
      y.set(FLOAT, i * 4, Math.abs(x));
    }
  }

  static void sqrt(MemorySegment a, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(F32, a, i * 4, ORDER);
      x.sqrt().intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      float x = a.get(FLOAT, i * 4);
      y.set(FLOAT, i * 4, (float) Math.sqrt(x));
    }
  }

  static void square(MemorySegment a, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(F32, a, i * 4, ORDER);
      x.mul(x).intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      float x = a.get(FLOAT, i * 4);
      y.set(FLOAT, i * 4, x * x);
    }
  }

  static void round(MemorySegment a, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(F32, a, i * 4, ORDER);
      Rounding.halfEven(x).intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      y.set(FLOAT, i * 4, (float) Math.rint(a.get(FLOAT, i * 4)));
    }
  }

  static void relu(MemorySegment a, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(F32, a, i * 4, ORDER);
      x.max(0f).intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      float x = a.get(FLOAT, i * 4);
      y.set(FLOAT, i * 4, Math.max(x, 0f));
    }
  }

  static void reciprocal(MemorySegment a, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(F32, a, i * 4, ORDER);
      FloatVector.broadcast(F32, 1f).div(x).intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      float x = a.get(FLOAT, i * 4);
      y.set(FLOAT, i * 4, 1f / x);
    }
  }

  static void rsqrt(MemorySegment a, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(F32, a, i * 4, ORDER);
      FloatVector.broadcast(F32, 1f).div(x.sqrt()).intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      float x = a.get(FLOAT, i * 4);
      y.set(FLOAT, i * 4, (float) (1 / Math.sqrt(x)));
    }
  }

  static void scale(MemorySegment a, MemorySegment y, long from, long to, float p) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(F32, a, i * 4, ORDER);
      x.mul(p).intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      float x = a.get(FLOAT, i * 4);
      y.set(FLOAT, i * 4, x * p);
    }
  }

  static void offset(MemorySegment a, MemorySegment y, long from, long to, float p) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(F32, a, i * 4, ORDER);
      x.add(p).intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      float x = a.get(FLOAT, i * 4);
      y.set(FLOAT, i * 4, x + p);
    }
  }

  static void clamp(MemorySegment a, MemorySegment y, long from, long to, float p, float q) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(F32, a, i * 4, ORDER);
      x.max(p).min(q).intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      float x = a.get(FLOAT, i * 4);
      y.set(FLOAT, i * 4, Math.min(Math.max(x, p), q));
    }
  }

  static void exp(MemorySegment a, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(F32, a, i * 4, ORDER);
      VectorMath.exp(x).intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      float x = a.get(FLOAT, i * 4);
      y.set(FLOAT, i * 4, VectorMath.exp(x));
    }
  }

  static void log(MemorySegment a, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(F32, a, i * 4, ORDER);
      VectorMath.log(x).intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      float x = a.get(FLOAT, i * 4);
      y.set(FLOAT, i * 4, VectorMath.log(x));
    }
  }

  static void tanh(MemorySegment a, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(F32, a, i * 4, ORDER);
      VectorMath.tanh(x).intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      float x = a.get(FLOAT, i * 4);
      y.set(FLOAT, i * 4, VectorMath.tanh(x));
    }
  }

  static void sigmoid(MemorySegment a, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(F32, a, i * 4, ORDER);
      VectorMath.sigmoid(x).intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      float x = a.get(FLOAT, i * 4);
      y.set(FLOAT, i * 4, VectorMath.sigmoid(x));
    }
  }
}
