package ibrik.tensor.op;

/// The integers of a quantiser and the way onto them, as in the affine form `q = clamp(round(x / s)
/// + z, low, high)`, `xhat = (q - z) s`. Rounding is half to even throughout.
///
/// @param low smallest integer
/// @param high largest integer
/// @param divide whether x is divided by the scale (SSQL, LSQ), or multiplied with the scale's
///   reciprocal, rounded to the element type (PyTorch; the default)
/// @param zeroBeforeRound whether the zero point is added before rounding, `round(x / s + z)`, as
///   PyTorch's CUDA kernel per channel does; the two differ on ties where z is odd
public record QuantGrid(int low, int high, boolean divide, boolean zeroBeforeRound) {
  /// Bounds that every f32 holds with room for the halves between.
  private static final int LIMIT = 1 << 20;

  /// Checks the bounds.
  public QuantGrid {
    if (low >= high || low < -LIMIT || high > LIMIT) {
      throw new IllegalArgumentException(
          "[quant_grid] low must be below high, both within +-"
              + LIMIT
              + "; got "
              + low
              + " and "
              + high);
    }
  }

  /// `-2^(bits-1) ... 2^(bits-1) - 1`.
  public static QuantGrid signed(int bits) {
    int half = 1 << (checked(bits) - 1);
    return new QuantGrid(-half, half - 1, false, false);
  }

  /// Symmetric without the lowest: `-(2^(bits-1) - 1) ... 2^(bits-1) - 1`.
  public static QuantGrid restricted(int bits) {
    int half = 1 << (checked(bits) - 1);
    return new QuantGrid(1 - half, half - 1, false, false);
  }

  /// `0 ... 2^bits - 1`.
  public static QuantGrid unsigned(int bits) {
    return new QuantGrid(0, (1 << checked(bits)) - 1, false, false);
  }

  /// This grid, reached by division.
  public QuantGrid dividing() {
    return new QuantGrid(low, high, true, zeroBeforeRound);
  }

  /// This grid with the zero point added before rounding.
  public QuantGrid addingZeroFirst() {
    return new QuantGrid(low, high, divide, true);
  }

  private static int checked(int bits) {
    if (bits < 2 || bits > 8) {
      throw new IllegalArgumentException("[quant_grid] bits must be in 2 ... 8; got " + bits);
    }
    return bits;
  }
}
