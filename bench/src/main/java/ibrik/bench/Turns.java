package ibrik.bench;

import java.util.Arrays;

/// Times two ways by turns, so that what else the machine does meets both alike, and gives the
/// ratio of neighbours with an interval.
final class Turns {
  /// A sample is at least this long: below it the clock and an interrupt would be what is measured.
  private static final long SAMPLE_NANOS = 200_000;

  /// Half the width, in standard deviations, of a 99 % interval.
  private static final double WIDTH = 2.576;

  private static final int FEWEST = 21;

  private Turns() {}

  /// What is timed. The number keeps the work from being left out.
  interface Run {
    double run();
  }

  /// Times of the first over times of the second.
  ///
  /// @param median over all rounds
  /// @param low of the 99 % interval of the median, from ranks alone: no distribution is assumed
  /// @param high of that interval
  record Ratio(double median, double low, double high, int rounds) {
    /// Of ratios in any order.
    static Ratio of(double[] ratios) {
      double[] sorted = ratios.clone();
      Arrays.sort(sorted);
      int n = sorted.length;
      int reach = (int) Math.ceil(WIDTH * Math.sqrt(n) / 2);
      int middle = n / 2;
      return new Ratio(
          sorted[middle],
          sorted[Math.max(0, middle - reach)],
          sorted[Math.min(n - 1, middle + reach)],
          n);
    }
  }

  /// How long to look.
  ///
  /// @param warmUpNanos both ways together
  /// @param nanos both ways together, after that
  record Budget(long warmUpNanos, long nanos) {
    static Budget millis(long warmUp, long measured) {
      return new Budget(warmUp * 1_000_000, measured * 1_000_000);
    }

    Budget warmedTwiceAsLong() {
      return new Budget(2 * warmUpNanos, nanos);
    }
  }

  /// Runs both by turns until the budget is spent, at least 21 rounds.
  static Ratio measure(Run first, Run second, Budget budget) {
    long firstNanos = Long.MAX_VALUE;
    long secondNanos = Long.MAX_VALUE;
    long start = System.nanoTime();
    do {
      firstNanos = Math.min(firstNanos, nanos(first, 1));
      secondNanos = Math.min(secondNanos, nanos(second, 1));
    } while (System.nanoTime() - start < budget.warmUpNanos);
    int firstTimes = times(firstNanos);
    int secondTimes = times(secondNanos);
    double[] ratios = new double[1024];
    int rounds = 0;
    start = System.nanoTime();
    while (rounds < ratios.length
        && (rounds < FEWEST || System.nanoTime() - start < budget.nanos)) {
      double a = (double) nanos(first, firstTimes) / firstTimes;
      double b = (double) nanos(second, secondTimes) / secondTimes;
      ratios[rounds++] = a / b;
    }
    return Ratio.of(Arrays.copyOf(ratios, rounds));
  }

  private static int times(long nanos) {
    return Math.clamp(SAMPLE_NANOS / Math.max(1, nanos), 1, 10_000);
  }

  private static long nanos(Run run, int times) {
    long start = System.nanoTime();
    double sum = 0;
    for (int i = 0; i < times; i++) {
      sum += run.run();
    }
    long took = System.nanoTime() - start;
    // Never so, and the compiler does not know it.
    return sum == Double.MIN_VALUE ? 0 : took;
  }
}
