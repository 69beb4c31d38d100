package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.F32;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Rounds lanes to integers, half to even: `Math.rint`, for which the Vector API has no lane-wise
/// operation.
final class Rounding {
  /// From here on every float is an integer.
  private static final float WHOLE = 0x1p23f;

  private Rounding() {}

  /// Adding 2^23 leaves no bits behind the point, and the addition rounds half to even; the sign,
  /// which -0.3 would lose, is put back.
  static FloatVector halfEven(FloatVector x) {
    FloatVector size = x.abs();
    IntVector sign = x.reinterpretAsInts().and(Integer.MIN_VALUE);
    FloatVector whole = size.add(WHOLE).sub(FloatVector.broadcast(F32, WHOLE));
    FloatVector signed = whole.reinterpretAsInts().or(sign).reinterpretAsFloats();
    VectorMask<Float> small = size.compare(VectorOperators.LT, WHOLE); // false for NaN
    return x.blend(signed, small);
  }
}
