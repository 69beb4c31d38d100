package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.I32;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Transcendentals in plain vector arithmetic, so that bits do not depend on a math library. The
/// scalar forms do the same operations in the same order, so tails equal bodies.
final class VectorMath {
  private static final float LOG2E = 1.44269504088896341f;

  /// ln 2 in two parts: the first has trailing zeros, so that `n * LN2_HIGH` is exact.
  private static final float LN2_HIGH = 0.693359375f;

  private static final float LN2_LOW = -2.12194440e-4f;

  private VectorMath() {}

  /// e^x, at most 2 ulp off for normal results: `2^n e^r` with `|r| <= ln2 / 2` and a polynomial of
  /// degree 6 (Taylor coefficients refined for the interval). 2^n is applied in two halves, so
  /// results fade through the denormals.
  static FloatVector exp(FloatVector x) {
    FloatVector bounded = x.max(-104f).min(89f);
    FloatVector scaled = bounded.mul(LOG2E);
    // Round to nearest by the magic number 1.5 * 2^23.
    FloatVector n = scaled.add(12582912f).sub(12582912f);
    FloatVector r = bounded.sub(n.mul(LN2_HIGH)).sub(n.mul(LN2_LOW));
    FloatVector p = r.mul(1.9875691500e-4f).add(1.3981999507e-3f);
    p = p.mul(r).add(8.3334519073e-3f);
    p = p.mul(r).add(4.1665795894e-2f);
    p = p.mul(r).add(1.6666665459e-1f);
    p = p.mul(r).add(5.0000001201e-1f);
    p = p.mul(r).mul(r).add(r).add(1f);
    IntVector whole = (IntVector) n.convertShape(VectorOperators.F2I, I32, 0);
    IntVector half = whole.lanewise(VectorOperators.ASHR, 1);
    return p.mul(powerOfTwo(half)).mul(powerOfTwo(whole.sub(half)));
  }

  private static FloatVector powerOfTwo(IntVector n) {
    return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  /// The same operations on one number: short rows are all tail.
  static float exp(float x) {
    float bounded = Math.min(Math.max(x, -104f), 89f);
    float scaled = bounded * LOG2E;
    float n = scaled + 12582912f - 12582912f;
    float r = bounded - n * LN2_HIGH - n * LN2_LOW;
    float p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1f;
    int whole = (int) n;
    int half = whole >> 1;
    return p * powerOfTwo(half) * powerOfTwo(whole - half);
  }

  private static float powerOfTwo(int n) {
    return Float.intBitsToFloat((n + 127) << 23);
  }

  /// ln x, at most 2 ulp off: exponent and mantissa in `[sqrt(1/2), sqrt 2)`, then a polynomial of
  /// degree 9 in `m - 1`. Zero gives -Infinity, negatives NaN; denormals are scaled first.
  static FloatVector log(FloatVector x) {
    VectorMask<Float> tiny = x.compare(VectorOperators.LT, 1.17549435e-38f);
    FloatVector normal = x.blend(x.mul(8388608f), tiny);
    IntVector bits = normal.reinterpretAsInts();
    // Shift the split point to sqrt(1/2): 0x3f3504f3.
    IntVector shifted = bits.sub(0x3f3504f3);
    IntVector exponent = shifted.lanewise(VectorOperators.ASHR, 23);
    FloatVector m = shifted.and(0x007fffff).add(0x3f3504f3).reinterpretAsFloats().sub(1f);
    FloatVector e = (FloatVector) exponent.convertShape(VectorOperators.I2F, F32, 0);
    e = e.blend(e.sub(23f), tiny);
    FloatVector p = m.mul(7.0376836292e-2f).add(-1.1514610310e-1f);
    p = p.mul(m).add(1.1676998740e-1f);
    p = p.mul(m).add(-1.2420140846e-1f);
    p = p.mul(m).add(1.4249322787e-1f);
    p = p.mul(m).add(-1.6668057665e-1f);
    p = p.mul(m).add(2.0000714765e-1f);
    p = p.mul(m).add(-2.4999993993e-1f);
    p = p.mul(m).add(3.3333331174e-1f);
    FloatVector square = m.mul(m);
    FloatVector y = p.mul(m).mul(square).add(e.mul(LN2_LOW)).sub(square.mul(0.5f));
    y = m.add(y).add(e.mul(LN2_HIGH));
    y = y.blend(x, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
    y = y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f));
    y = y.blend(Float.NaN, x.compare(VectorOperators.LT, 0f));
    return y.blend(Float.NaN, x.compare(VectorOperators.NE, x));
  }

  static float log(float x) {
    return log(FloatVector.broadcast(F32, x)).lane(0);
  }

  /// `1 / (1 + e^-x)`.
  static FloatVector sigmoid(FloatVector x) {
    FloatVector one = FloatVector.broadcast(F32, 1f);
    return one.div(one.add(exp(x.neg())));
  }

  static float sigmoid(float x) {
    return 1f / (1f + exp(-x));
  }

  /// tanh: an odd polynomial of degree 11 where `|x| < 0.3`, else `1 - 2 / (e^2|x| + 1)` with the
  /// sign of x.
  static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector square = x.mul(x);
    FloatVector p = square.mul(-8.863235529902e-3f).add(2.1869488536155e-2f);
    p = p.mul(square).add(-5.3968253968254e-2f);
    p = p.mul(square).add(1.3333333333333e-1f);
    p = p.mul(square).add(-3.3333333333333e-1f);
    FloatVector small = p.mul(square).mul(x).add(x);
    FloatVector one = FloatVector.broadcast(F32, 1f);
    FloatVector large = one.sub(FloatVector.broadcast(F32, 2f).div(exp(a.add(a)).add(1f)));
    large = large.blend(large.neg(), x.compare(VectorOperators.LT, 0f));
    return large.blend(small, a.compare(VectorOperators.LT, 0.3f));
  }

  static float tanh(float x) {
    return tanh(FloatVector.broadcast(F32, x)).lane(0);
  }
}
