package ibrik.nn;

/// Checks of layer sizes.
final class Sizes {
  private Sizes() {}

  /// @throws IllegalArgumentException unless `value` is at least 1
  static void positive(String layer, String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "[" + layer + "] " + name + " must be at least 1; got " + value);
    }
  }
}
