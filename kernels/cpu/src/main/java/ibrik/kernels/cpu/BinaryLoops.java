package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// One loop per binary op over a row of `count` elements. `aStep` and `bStep` are 1, or 0 for an
/// operand that is one number for the whole row. Offsets in bytes.
final class BinaryLoops {
  private BinaryLoops() {}

  private static FloatVector load(MemorySegment segment, long offset, int step, long i) {
    return step == 0
        ? FloatVector.broadcast(F32, segment.get(FLOAT, offset))
        : FloatVector.fromMemorySegment(F32, segment, offset + i * 4, ORDER);
  }

  static void add(
      MemorySegment a,
      long aOff,
      int aStep,
      MemorySegment b,
      long bOff,
      int bStep,
      MemorySegment y,
      long yOff,
      long count) {
    long i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      FloatVector x = load(a, aOff, aStep, i);
      FloatVector z = load(b, bOff, bStep, i);
      x.add(z).intoMemorySegment(y, yOff + i * 4, ORDER);
    }
    for (; i < count; i++) {
      float x = a.get(FLOAT, aOff + i * aStep * 4);
      float z = b.get(FLOAT, bOff + i * bStep * 4);
      y.set(FLOAT, yOff + i * 4, x + z);
    }
  }

  static void sub(
      MemorySegment a,
      long aOff,
      int aStep,
      MemorySegment b,
      long bOff,
      int bStep,
      MemorySegment y,
      long yOff,
      long count) {
    long i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      FloatVector x = load(a, aOff, aStep, i);
      FloatVector z = load(b, bOff, bStep, i);
      x.sub(z).intoMemorySegment(y, yOff + i * 4, ORDER);
    }
    for (; i < count; i++) {
      float x = a.get(FLOAT, aOff + i * aStep * 4);
      float z = b.get(FLOAT, bOff + i * bStep * 4);
      y.set(FLOAT, yOff + i * 4, x - z);
    }
  }

  static void mul(
      MemorySegment a,
      long aOff,
      int aStep,
      MemorySegment b,
      long bOff,
      int bStep,
      MemorySegment y,
      long yOff,
      long count) {
    long i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      FloatVector x = load(a, aOff, aStep, i);
      FloatVector z = load(b, bOff, bStep, i);
      x.mul(z).intoMemorySegment(y, yOff + i * 4, ORDER);
    }
    for (; i < count; i++) {
      float x = a.get(FLOAT, aOff + i * aStep * 4);
      float z = b.get(FLOAT, bOff + i * bStep * 4);
      y.set(FLOAT, yOff + i * 4, x * z);
    }
  }

  static void div(
      MemorySegment a,
      long aOff,
      int aStep,
      MemorySegment b,
      long bOff,
      int bStep,
      MemorySegment y,
      long yOff,
      long count) {
    long i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      FloatVector x = load(a, aOff, aStep, i);
      FloatVector z = load(b, bOff, bStep, i);
      x.div(z).intoMemorySegment(y, yOff + i * 4, ORDER);
    }
    for (; i < count; i++) {
      float x = a.get(FLOAT, aOff + i * aStep * 4);
      float z = b.get(FLOAT, bOff + i * bStep * 4);
      y.set(FLOAT, yOff + i * 4, x / z);
    }
  }

  static void maximum(
      MemorySegment a,
      long aOff,
      int aStep,
      MemorySegment b,
      long bOff,
      int bStep,
      MemorySegment y,
      long yOff,
      long count) {
    long i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      FloatVector x = load(a, aOff, aStep, i);
      FloatVector z = load(b, bOff, bStep, i);
      x.max(z).intoMemorySegment(y, yOff + i * 4, ORDER);
    }
    for (; i < count; i++) {
      float x = a.get(FLOAT, aOff + i * aStep * 4);
      float z = b.get(FLOAT, bOff + i * bStep * 4);
      y.set(FLOAT, yOff + i * 4, Math.max(x, z));
    }
  }

  static void minimum(
      MemorySegment a,
      long aOff,
      int aStep,
      MemorySegment b,
      long bOff,
      int bStep,
      MemorySegment y,
      long yOff,
      long count) {
    long i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      FloatVector x = load(a, aOff, aStep, i);
      FloatVector z = load(b, bOff, bStep, i);
      x.min(z).intoMemorySegment(y, yOff + i * 4, ORDER);
    }
    for (; i < count; i++) {
      float x = a.get(FLOAT, aOff + i * aStep * 4);
      float z = b.get(FLOAT, bOff + i * bStep * 4);
      y.set(FLOAT, yOff + i * 4, Math.min(x, z));
    }
  }

  static void reluBackward(
      MemorySegment a,
      long aOff,
      int aStep,
      MemorySegment b,
      long bOff,
      int bStep,
      MemorySegment y,
      long yOff,
      long count) {
    long i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      FloatVector x = load(a, aOff, aStep, i);
      FloatVector z = load(b, bOff, bStep, i);
      FloatVector.zero(F32)
          .blend(x, z.compare(VectorOperators.GT, 0f))
          .intoMemorySegment(y, yOff + i * 4, ORDER);
    }
    for (; i < count; i++) {
      float x = a.get(FLOAT, aOff + i * aStep * 4);
      float z = b.get(FLOAT, bOff + i * bStep * 4);
      y.set(FLOAT, yOff + i * 4, z > 0 ? x : 0);
    }
  }
}
