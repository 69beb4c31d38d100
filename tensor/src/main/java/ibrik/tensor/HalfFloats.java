package ibrik.tensor;

/// The two 16-bit floats as bit patterns: bf16 is the upper half of an f32, f16 is IEEE 754's half.
/// Writing rounds once, to nearest, ties to even.
public final class HalfFloats {
  private HalfFloats() {}

  /// The number that bf16 bits mean.
  public static float fromBf16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /// The nearest bf16. NaN keeps its sign and upper digits and becomes quiet.
  public static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    // Half a unit, less one bit unless the last digit that stays is odd.
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  /// [#toBf16(float)] of a double, rounded once.
  public static short toBf16(double value) {
    return toBf16(sticky(value));
  }

  /// The nearest f16 of a double, rounded once.
  public static short toF16(double value) {
    return Float.floatToFloat16(sticky(value));
  }

  /// `value` cut off to f32, with the last bit set if anything was lost: rounding that again to
  /// fewer digits gives what rounding `value` would have given.
  private static float sticky(double value) {
    float near = (float) value;
    if (near == value || Double.isNaN(value)) {
      return near;
    }
    int bits = Float.floatToRawIntBits(near);
    int cut = Math.abs((double) near) > Math.abs(value) ? bits - 1 : bits;
    return Float.intBitsToFloat(cut | 1);
  }
}
