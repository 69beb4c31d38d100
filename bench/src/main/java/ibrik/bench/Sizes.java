package ibrik.bench;

import java.util.Arrays;

/// Reads the sizes in benchmark parameters: `64x32x16`, `512KiB`.
final class Sizes {
  /// Traffic of a run that stays in the first cache of a usual core.
  static final String L1 = "16KiB";

  /// In the second.
  static final String L2 = "512KiB";

  /// In the last.
  static final String L3 = "8MiB";

  /// Beyond all caches.
  static final String MEMORY = "256MiB";

  private Sizes() {}

  /// The `count` positive numbers of `text`.
  static long[] parse(String text, int count) {
    long[] sizes;
    try {
      sizes = Arrays.stream(text.split("x", -1)).mapToLong(Long::parseLong).toArray();
    } catch (NumberFormatException notNumber) {
      sizes = new long[0];
    }
    if (sizes.length != count || Arrays.stream(sizes).anyMatch(size -> size < 1)) {
      throw new IllegalArgumentException(
          "[bench] size must be " + count + " positive numbers with x between; got " + text);
    }
    return sizes;
  }

  /// The bytes of `text`: `16KiB`, `8MiB`.
  static long bytes(String text) {
    long unit = text.endsWith("KiB") ? 1L << 10 : text.endsWith("MiB") ? 1L << 20 : 0;
    try {
      if (unit > 0) {
        long number = Long.parseLong(text.substring(0, text.length() - 3));
        if (number > 0) {
          return Math.multiplyExact(number, unit);
        }
      }
    } catch (NumberFormatException notNumber) {
      // told below
    }
    throw new IllegalArgumentException(
        "[bench] bytes must be a positive number with KiB or MiB; got " + text);
  }

  /// How many rows of `columns` numbers have `bytes` of traffic at `perElement` bytes each; at
  /// least one.
  static long rows(String bytes, long columns, long perElement) {
    return Math.max(1, bytes(bytes) / (columns * perElement));
  }
}
