package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.F32;

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

  /// 1.5 * 2^23: a float of this size has no room for fractions, so adding it rounds to the nearest
  /// whole number, which then stands in the low bits.
  private static final float ROUNDER = 12582912f;

  private static final int ROUNDER_BITS = 0x4B400000;

  /// [#ROUNDER], with what a float adds to its exponent: shifted by the length of the fraction, a
  /// rounded number n becomes 2^n, and the rest falls out at the top.
  private static final float POWER_ROUNDER = ROUNDER + 127;

  /// Where results leave the floats, on either side.
  private static final float EXP_LEAST = -104f;

  private static final float EXP_MOST = 89f;

  /// [#normalExp] takes numbers of this size.
  static final float NORMAL = 87f;

  // Constants of exp, ready as vectors. A broadcast would cost nothing in the end, but the compiler
  // counts what it looks at, and leaves calls alone that stand behind too many of them: two loops
  // over exp in one method were ten times as slow.
  private static final FloatVector LEAST = all(EXP_LEAST);
  private static final FloatVector MOST = all(EXP_MOST);
  private static final FloatVector LOG2E_LANES = all(LOG2E);
  private static final FloatVector ROUNDER_LANES = all(ROUNDER);
  private static final IntVector ROUNDER_INTS = IntVector.broadcast(Lanes.I32, ROUNDER_BITS);
  private static final FloatVector POWER_ROUNDER_LANES = all(POWER_ROUNDER);
  private static final FloatVector NORMAL_LEAST = all(-NORMAL);
  private static final FloatVector ZERO = all(0);
  private static final FloatVector LOW_LANES = all(-LN2_LOW);
  private static final FloatVector HIGH_LANES = all(-LN2_HIGH);
  private static final FloatVector TERM_7 = all(1.9875691500e-4f);
  private static final FloatVector TERM_6 = all(1.3981999507e-3f);
  private static final FloatVector TERM_5 = all(8.3334519073e-3f);
  private static final FloatVector TERM_4 = all(4.1665795894e-2f);
  private static final FloatVector TERM_3 = all(1.6666665459e-1f);
  private static final FloatVector TERM_2 = all(5.0000001201e-1f);
  private static final FloatVector ONE = all(1);
  private static final IntVector BIAS = IntVector.broadcast(Lanes.I32, 127);

  /// e^x, less than 1 ulp off for normal results: `2^n e^r` with `|r| <= ln2 / 2` and a polynomial
  /// of degree 6 (Taylor coefficients refined for the interval). 2^n is applied in two halves, so
  /// results fade through the denormals. Bounds are comparisons, which NaN passes: `max` and `min`
  /// of Java cost several instructions each for the order of zeros.
  static FloatVector exp(FloatVector x) {
    FloatVector above = x.blend(LEAST, x.compare(VectorOperators.LT, LEAST));
    FloatVector bounded = above.blend(MOST, above.compare(VectorOperators.GT, MOST));
    FloatVector rounded = bounded.fma(LOG2E_LANES, ROUNDER_LANES);
    FloatVector p = fraction(bounded, rounded.sub(ROUNDER_LANES));
    IntVector whole = rounded.reinterpretAsInts().sub(ROUNDER_INTS);
    IntVector half = whole.lanewise(VectorOperators.ASHR, 1);
    return p.mul(powerOfTwo(half)).mul(powerOfTwo(whole.sub(half)));
  }

  /// `e^r` for what is left of x beside n times ln 2.
  private static FloatVector fraction(FloatVector x, FloatVector n) {
    FloatVector r = n.fma(LOW_LANES, n.fma(HIGH_LANES, x));
    FloatVector p = r.fma(TERM_7, TERM_6);
    p = p.fma(r, TERM_5);
    p = p.fma(r, TERM_4);
    p = p.fma(r, TERM_3);
    p = p.fma(r, TERM_2);
    return p.mul(r).fma(r, r).add(ONE);
  }

  /// [#exp(FloatVector)] where all results are normal floats: `|x| <=` [#NORMAL], or NaN. A third
  /// faster.
  static FloatVector normalExp(FloatVector x) {
    FloatVector rounded = x.fma(LOG2E_LANES, POWER_ROUNDER_LANES);
    IntVector power = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    return fraction(x, rounded.sub(POWER_ROUNDER_LANES)).mul(power.reinterpretAsFloats());
  }

  /// [#exp(FloatVector)] where no result is larger than floats: `x <=` [#NORMAL], or NaN. Results
  /// that are hardly normal or less, below `e^-87`, are 0: nothing beside the 1 of the largest in a
  /// sum of exponentials.
  static FloatVector expBelow(FloatVector x) {
    VectorMask<Float> small = x.compare(VectorOperators.LT, NORMAL_LEAST);
    return normalExp(x.blend(NORMAL_LEAST, small)).blend(ZERO, small);
  }

  /// [#expBelow(FloatVector)] of one number.
  static float expBelow(float x) {
    return x < -NORMAL ? 0 : exp(x);
  }

  private static FloatVector all(float value) {
    return FloatVector.broadcast(F32, value);
  }

  private static FloatVector powerOfTwo(IntVector n) {
    return n.add(BIAS).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  /// The same operations on one number: short rows are all tail.
  static float exp(float x) {
    float bounded = x < EXP_LEAST ? EXP_LEAST : x > EXP_MOST ? EXP_MOST : x;
    float rounded = Math.fma(bounded, LOG2E, ROUNDER);
    float n = rounded - ROUNDER;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, bounded));
    float p = Math.fma(r, 1.9875691500e-4f, 1.3981999507e-3f);
    p = Math.fma(p, r, 8.3334519073e-3f);
    p = Math.fma(p, r, 4.1665795894e-2f);
    p = Math.fma(p, r, 1.6666665459e-1f);
    p = Math.fma(p, r, 5.0000001201e-1f);
    p = Math.fma(p * r, r, r) + 1f;
    int whole = Float.floatToRawIntBits(rounded) - ROUNDER_BITS;
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
