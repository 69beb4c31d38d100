package ibrik.bench.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs a contest: checks that all sides give the same result, then times them by turns.
///
/// A turn is a pause, in which the threads of the side before stop to spin, a run that is not timed,
/// and timed runs of about thirty milliseconds.
final class Match {
  private static final long PAUSE_MILLIS = 30;
  private static final long TURN_NANOS = 30_000_000;

  /// A run longer than this warms its caches itself.
  private static final long LONG_NANOS = 200_000_000;

  private final long warmUpNanos;
  private final int rounds;

  /// @param warmUpNanos of each side, at least; a just-in-time compiler needs it
  /// @param rounds turns of each side
  Match(long warmUpNanos, int rounds) {
    this.warmUpNanos = warmUpNanos;
    this.rounds = rounds;
  }

  /// Milliseconds of a run.
  record Times(double median, double low, double high) {
    static Times of(double[] millis) {
      double[] sorted = millis.clone();
      Arrays.sort(sorted);
      int n = sorted.length;
      return new Times(sorted[n / 2], sorted[n / 4], sorted[n * 3 / 4]);
    }
  }

  /// Times by name of the side; this project's, `ours`, comes first.
  ///
  /// @throws IllegalStateException if a result is off
  Map<String, Times> play(Contest contest) throws InterruptedException {
    Map<String, Side> sides = new LinkedHashMap<>();
    try {
      sides.put("ours", contest.ours().get());
      contest.peers().forEach((name, open) -> sides.put(name, open.get()));
      check(contest, sides);
      sides.values().forEach(this::warmUp);
      Map<String, double[]> millis = new LinkedHashMap<>();
      sides.keySet().forEach(name -> millis.put(name, new double[rounds]));
      List<String> order = new ArrayList<>(sides.keySet());
      for (int round = 0; round < rounds; round++) {
        for (String name : order) {
          millis.get(name)[round] = turn(sides.get(name));
        }
        // Nobody is always behind the same neighbour.
        order.add(order.removeFirst());
      }
      Map<String, Times> times = new LinkedHashMap<>();
      millis.forEach((name, all) -> times.put(name, Times.of(all)));
      return times;
    } finally {
      sides.values().forEach(Side::close);
    }
  }

  private static void check(Contest contest, Map<String, Side> sides) {
    float[] want = sides.get("ours").result();
    double largest = 0;
    for (float number : want) {
      largest = Math.max(largest, Math.abs(number));
    }
    double allowed = contest.tolerance() * largest;
    for (Map.Entry<String, Side> peer : sides.entrySet()) {
      if (peer.getKey().equals("ours")) {
        continue;
      }
      float[] got = peer.getValue().result();
      if (got.length != want.length) {
        throw off(contest, peer.getKey(), "has " + got.length + " numbers, ours " + want.length);
      }
      for (int i = 0; i < want.length; i++) {
        if (!(Math.abs(got[i] - want[i]) <= allowed)) {
          throw off(
              contest,
              peer.getKey(),
              "element " + i + " is " + got[i] + ", ours " + want[i] + ", allowed " + allowed);
        }
      }
    }
  }

  private static IllegalStateException off(Contest contest, String peer, String how) {
    return new IllegalStateException(
        "[peers] " + contest.bench() + " " + contest.size() + ", " + peer + ": " + how);
  }

  private void warmUp(Side side) {
    long start = System.nanoTime();
    do {
      side.run();
    } while (System.nanoTime() - start < warmUpNanos);
  }

  private static double turn(Side side) throws InterruptedException {
    Thread.sleep(PAUSE_MILLIS);
    long took = nanos(side, 1);
    if (took > LONG_NANOS) {
      return took * 1e-6;
    }
    int runs = (int) Math.max(1, Math.min(1000, TURN_NANOS / Math.max(1, took)));
    return nanos(side, runs) * 1e-6 / runs;
  }

  private static long nanos(Side side, int runs) {
    long start = System.nanoTime();
    for (int i = 0; i < runs; i++) {
      side.run();
    }
    return System.nanoTime() - start;
  }
}
