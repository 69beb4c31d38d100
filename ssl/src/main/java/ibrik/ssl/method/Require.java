package ibrik.ssl.method;

/// Checks of hyper-parameters. NaN fails every one of them.
public final class Require {
  private Require() {}

  /// A width or count of at least 1.
  public static void positive(String name, int value) {
    check(value >= 1, name, "at least 1", value);
  }

  /// A finite number above 0.
  public static void positive(String name, double value) {
    check(value > 0 && Double.isFinite(value), name, "a number above 0", value);
  }

  /// A finite number of at least 0.
  public static void notNegative(String name, double value) {
    check(value >= 0 && Double.isFinite(value), name, "a number of at least 0", value);
  }

  /// A count of at least 0.
  public static void notNegative(String name, int value) {
    check(value >= 0, name, "at least 0", value);
  }

  /// A number in `[0, 1]`.
  public static void share(String name, double value) {
    check(value >= 0 && value <= 1, name, "in [0, 1]", value);
  }

  /// Any other rule.
  public static void check(boolean holds, String name, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(
          "[config] " + name + " must be " + rule + "; got " + value);
    }
  }
}
