package ibrik.bench;

import java.util.Arrays;

/// Reads the sizes in benchmark parameters: `64x32x16`.
final class Sizes {
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
}
