package ibrik.tensor.exec;

/// What an op took.
///
/// @param op its tag; in a program with its number before it, `12 conv2d`
/// @param calls how often it ran
/// @param nanos time of all calls
/// @param bytes read and written by all calls, as [Cost] counts
/// @param share of the time of all ops together, in `[0, 1]`
public record OpTime(String op, long calls, long nanos, long bytes, double share) {
  /// Bytes per nanosecond, that is 10^9 bytes per second; 0 where no time was measured.
  public double gigabytesPerSecond() {
    return nanos == 0 ? 0 : (double) bytes / nanos;
  }
}
