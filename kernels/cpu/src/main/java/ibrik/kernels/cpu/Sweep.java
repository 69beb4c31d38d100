package ibrik.kernels.cpu;

/// How taps slide along one axis: output `i` reads the inputs `i * step + taps[t]`, zeros outside.
///
/// @param in inputs
/// @param taps offset of each tap, ascending
/// @param step inputs between outputs
/// @param out outputs
record Sweep(int in, int[] taps, int step, int out) {
  /// The input of the first tap at output `at`; may lie outside.
  int start(int at) {
    return at * step + taps[0];
  }

  /// Inputs from the first to the last that `count` outputs in a row touch.
  int width(int count) {
    return (count - 1) * step + taps[taps.length - 1] - taps[0] + 1;
  }

  /// Whether there is one tap, and no output of it reads outside.
  boolean picks() {
    return taps.length == 1 && taps[0] >= 0 && start(out - 1) < in;
  }
}
