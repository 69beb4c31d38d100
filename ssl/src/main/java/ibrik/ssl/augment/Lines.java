package ibrik.ssl.augment;

/// Weighted sums of stretches of memory. With channels last, a step of one pixel is an offset, so a
/// filter along either axis is a handful of these, and loops this plain run on vector units.
final class Lines {
  private Lines() {}

  /// `out[to + i] = weight * in[from + i]`, `i < count`.
  static void set(float[] out, int to, float weight, float[] in, int from, int count) {
    for (int i = 0; i < count; i++) {
      out[to + i] = weight * in[from + i];
    }
  }

  /// `out[to + i] += weight * in[from + i]`, `i < count`.
  static void add(float[] out, int to, float weight, float[] in, int from, int count) {
    for (int i = 0; i < count; i++) {
      out[to + i] += weight * in[from + i];
    }
  }
}
