package ibrik.nn.quant;

/// Positive factors as integers: `factor = multiplier / 2^shift` with a multiplier of 31 bits, so
/// that the relative error is at most 2^-31.
final class FixedPoint {
  private static final int BITS = 30;
  private static final int MOST = 62;

  private final int[] multipliers;
  private final int[] shifts;

  private FixedPoint(int[] multipliers, int[] shifts) {
    this.multipliers = multipliers;
    this.shifts = shifts;
  }

  /// Factors below 2^-33 count as 0: their products with any i32 round to 0.
  ///
  /// @throws IllegalArgumentException if a factor is not positive or not below 2^31
  static FixedPoint of(double[] factors) {
    int[] multipliers = new int[factors.length];
    int[] shifts = new int[factors.length];
    for (int c = 0; c < factors.length; c++) {
      double factor = factors[c];
      if (!(factor > 0) || factor >= 0x1p31) {
        throw new IllegalArgumentException(
            "[fixed_point] factors must be in (0, 2^31); got " + factor + " in channel " + c);
      }
      int shift = BITS - Math.getExponent(factor);
      double scaled = Math.rint(Math.scalb(factor, shift));
      if (scaled == 0x1p31 && shift > 0) { // rounded up to the next power of two
        shift--;
        scaled = 0x1p30;
      }
      boolean none = shift > MOST;
      multipliers[c] = none ? 0 : (int) Math.min(scaled, Integer.MAX_VALUE);
      shifts[c] = none ? 0 : shift;
    }
    return new FixedPoint(multipliers, shifts);
  }

  int[] multipliers() {
    return multipliers.clone();
  }

  int[] shifts() {
    return shifts.clone();
  }
}
