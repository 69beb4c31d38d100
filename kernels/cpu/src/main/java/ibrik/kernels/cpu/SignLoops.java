package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import ibrik.tensor.op.Binary.Surrogate;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Signs and their surrogate gradients over elements `from ... to-1`. Traffic: 8 bytes per element
/// forward, 12 backward.
final class SignLoops {
  private static final float BETA = (float) Surrogate.BETA;
  private static final float SWISH_END = (float) Surrogate.SWISH_END;

  private SignLoops() {}

  /// -1 below 0, else 1.
  static void sign2(MemorySegment x, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      sign2(load(x, i * 4)).intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      y.set(FLOAT, i * 4, x.get(FLOAT, i * 4) < 0 ? -1f : 1f);
    }
  }

  /// -1, 0 or 1; NaN stays.
  static void sign3(MemorySegment x, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      sign3(load(x, i * 4)).intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      y.set(FLOAT, i * 4, Math.signum(x.get(FLOAT, i * 4)));
    }
  }

  static FloatVector sign2(FloatVector x) {
    return FloatVector.broadcast(F32, 1f).blend(-1f, x.compare(VectorOperators.LT, 0f));
  }

  /// Zeros of both signs and NaN are left as they are.
  static FloatVector sign3(FloatVector x) {
    return x.blend(-1f, x.compare(VectorOperators.LT, 0f))
        .blend(1f, x.compare(VectorOperators.GT, 0f));
  }

  static void clip(MemorySegment x, MemorySegment dy, MemorySegment dx, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      clip(load(x, i * 4), load(dy, i * 4)).intoMemorySegment(dx, i * 4, ORDER);
    }
    for (; i < to; i++) {
      dx.set(FLOAT, i * 4, clip(x.get(FLOAT, i * 4), dy.get(FLOAT, i * 4)));
    }
  }

  static void approx(MemorySegment x, MemorySegment dy, MemorySegment dx, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      approx(load(x, i * 4), load(dy, i * 4)).intoMemorySegment(dx, i * 4, ORDER);
    }
    for (; i < to; i++) {
      dx.set(FLOAT, i * 4, approx(x.get(FLOAT, i * 4), dy.get(FLOAT, i * 4)));
    }
  }

  static void swish(MemorySegment x, MemorySegment dy, MemorySegment dx, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      swish(load(x, i * 4), load(dy, i * 4)).intoMemorySegment(dx, i * 4, ORDER);
    }
    for (; i < to; i++) {
      FloatVector v = FloatVector.broadcast(F32, x.get(FLOAT, i * 4));
      FloatVector g = FloatVector.broadcast(F32, dy.get(FLOAT, i * 4));
      dx.set(FLOAT, i * 4, swish(v, g).lane(0));
    }
  }

  static FloatVector clip(FloatVector x, FloatVector g) {
    return FloatVector.zero(F32).blend(g, x.abs().compare(VectorOperators.LE, 1f));
  }

  static float clip(float x, float g) {
    return Math.abs(x) <= 1 ? g : 0;
  }

  static FloatVector approx(FloatVector x, FloatVector g) {
    FloatVector size = x.abs();
    FloatVector slope = size.mul(-2f).add(2f);
    return FloatVector.zero(F32).blend(g.mul(slope), size.compare(VectorOperators.LT, 1f));
  }

  static float approx(float x, float g) {
    float size = Math.abs(x);
    return size < 1 ? g * (size * -2 + 2) : 0;
  }

  private static FloatVector swish(FloatVector x, FloatVector g) {
    FloatVector u = x.abs().mul(BETA);
    FloatVector e = VectorMath.exp(u.neg());
    FloatVector sum = e.add(1f);
    FloatVector bend = u.mul(e.neg().add(1f)).div(sum).neg().add(2f);
    FloatVector slope = bend.mul(e.mul(2 * BETA)).div(sum.mul(sum));
    return FloatVector.zero(F32).blend(g.mul(slope), u.compare(VectorOperators.LT, SWISH_END));
  }

  /// Rows `first ... first+rows-1` of `channels` floats into words of 32 signs.
  static void pack(MemorySegment x, MemorySegment words, long first, int rows, int channels) {
    long at = first * channels * 4;
    long to = first * Math.ceilDiv(channels, Integer.SIZE) * 4;
    for (int row = 0; row < rows; row++) {
      for (int start = 0; start < channels; start += Integer.SIZE, to += 4) {
        int count = Math.min(Integer.SIZE, channels - start);
        int word = 0;
        int i = 0;
        for (; i + COUNT <= count; i += COUNT, at += Lanes.BYTES) {
          word |= (int) (load(x, at).compare(VectorOperators.LT, 0f).toLong() << i);
        }
        for (; i < count; i++, at += 4) {
          word |= (x.get(FLOAT, at) < 0 ? 1 : 0) << i;
        }
        words.set(Lanes.INT, to, word);
      }
    }
  }

  private static FloatVector load(MemorySegment x, long offset) {
    return FloatVector.fromMemorySegment(F32, x, offset, ORDER);
  }
}
