package ibrik.bench.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs a contest: checks that all sides give the same result, then times them by turns.
///
/// A turn is a pause, in which the threads of the side before stop to spin, a run that is not
/// timed, and timed runs of about thirty milliseconds.
final class Match {
  private static final long PAUSE_MILLIS = 500;
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

  /// How a contest ended.
  ///
  /// @param ours this project's times
  /// @param peers the others', by name
  record Result(Times ours, Map<String, Times> peers) {}

  /// A side at play.
  private record Player(String name, Side side, double[] millis) {
    Times times() {
      return Times.of(millis);
    }
  }

  /// Checks and times.
  ///
  /// @throws IllegalStateException if a result is off
  Result play(Contest contest) throws InterruptedException {
    List<Player> players = new ArrayList<>();
    try {
      Player ours = new Player("Ibrik", contest.ours().get(), new double[rounds]);
      players.add(ours);
      contest
          .peers()
          .forEach((name, open) -> players.add(new Player(name, open.get(), new double[rounds])));
      List<Player> peers = List.copyOf(players.subList(1, players.size()));
      check(contest, ours, peers);
      players.forEach(player -> warmUp(player.side));
      List<Player> order = new ArrayList<>(players);
      for (int round = 0; round < rounds; round++) {
        for (Player player : order) {
          player.millis[round] = turn(player.side);
        }
        // Nobody is always behind the same neighbour.
        order.add(order.removeFirst());
      }
      Map<String, Times> times = new LinkedHashMap<>();
      peers.forEach(peer -> times.put(peer.name, peer.times()));
      return new Result(ours.times(), times);
    } finally {
      players.forEach(player -> player.side.close());
    }
  }

  private static void check(Contest contest, Player ours, List<Player> peers) {
    float[] want = ours.side.result();
    for (Player peer : peers) {
      float[] got = peer.side.result();
      if (got.length != want.length) {
        throw off(contest, peer.name, "has " + got.length + " numbers, ours " + want.length);
      }
      int from = 0;
      for (int length : contest.parts()) {
        compare(contest, peer.name, want, got, from, from + length);
        from += length;
      }
      compare(contest, peer.name, want, got, from, want.length);
    }
  }

  private static void compare(
      Contest contest, String peer, float[] want, float[] got, int from, int end) {
    double largest = 0;
    for (int i = from; i < end; i++) {
      largest = Math.max(largest, Math.abs(want[i]));
    }
    double allowed = contest.tolerance() * largest;
    for (int i = from; i < end; i++) {
      if (!(Math.abs(got[i] - want[i]) <= allowed)) {
        throw off(
            contest,
            peer,
            "element " + i + " is " + got[i] + ", ours " + want[i] + ", allowed " + allowed);
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
