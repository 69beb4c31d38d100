package ibrik.ssl.cli;

/// How many steps a run does per second of late: the first ones, while the virtual machine still
/// compiles, are many times as slow as the rest and must not count for long.
final class Pace {
  private static final int LEAST = 16;
  private static final int MOST = 1024;

  /// When the last steps ended, in nanoseconds; a ring, begun with the start of the run.
  private final long[] ends;

  private int count = 1;

  /// @param epoch steps of an epoch: what happens once in each is then in the mean
  Pace(long epoch, long start) {
    ends = new long[Math.clamp(epoch, LEAST, MOST) + 1];
    ends[0] = start;
  }

  /// A step has ended.
  void step(long now) {
    ends[count % ends.length] = now;
    count++;
  }

  /// 0 before the first step.
  double stepsPerSecond() {
    int known = Math.min(count, ends.length);
    long first = ends[(count - known) % ends.length];
    long last = ends[(count - 1) % ends.length];
    return (known - 1) * 1e9 / Math.max(1, last - first);
  }
}
