package ibrik.bench;

import java.util.Locale;

/// Rounds measured numbers: more digits would be noise.
final class Digits {
  private Digits() {}

  /// Four digits; 0 for what is not finite, which JSON does not know.
  static double four(double value) {
    return of("%.4g", value);
  }

  /// Three digits.
  static double three(double value) {
    return of("%.3g", value);
  }

  private static double of(String format, double value) {
    return Double.isFinite(value)
        ? Double.parseDouble(String.format(Locale.ROOT, format, value))
        : 0;
  }
}
