package ibrik.tensor.exec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Places in one arena for blocks whose lifetimes are known: no two that live at the same time
/// overlap.
///
/// The best packing is a hard problem (dynamic storage allocation). Three orders are tried, each
/// block going to the lowest gap that holds it; the smallest arena wins. Which one wins depends on
/// the lifetimes alone, so the same step always gets the same plan.
///
/// @param atBytes where each block starts, a multiple of [#ALIGNMENT]
/// @param arenaBytes size of the arena
record Packing(long[] atBytes, long arenaBytes) {
  /// Bytes: that of the pools' blocks.
  static final long ALIGNMENT = 64;

  /// A block to place.
  ///
  /// @param first the number of the op that makes it
  /// @param last the number of the last op that needs it, at least `first`
  record Life(long bytes, int first, int last) {
    /// Checks the ranges.
    Life {
      if (bytes < 0 || last < first) {
        throw new IllegalArgumentException(
            "[packing] bytes must be at least 0 and last at least first; got "
                + bytes
                + " bytes, "
                + first
                + ".."
                + last);
      }
    }

    boolean meets(Life other) {
      return first <= other.last && other.first <= last;
    }

    /// Bytes with what alignment adds.
    long paddedBytes() {
      return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    }

    private int length() {
      return last - first;
    }
  }

  /// Places for `lives`.
  static Packing of(List<Life> lives) {
    Comparator<Life> largest = Comparator.comparingLong(Life::paddedBytes).reversed();
    Comparator<Life> longest = Comparator.comparingInt(Life::length).reversed();
    Comparator<Life> earliest = Comparator.comparingInt(Life::first);
    Packing best = inOrder(lives, largest.thenComparing(longest));
    for (Comparator<Life> order :
        List.of(longest.thenComparing(largest), earliest.thenComparing(largest))) {
      Packing other = inOrder(lives, order);
      best = other.arenaBytes < best.arenaBytes ? other : best;
    }
    return best;
  }

  /// What no packing can go below: the most that is needed at one op.
  static long lowerBound(List<Life> lives) {
    int ops = lives.stream().mapToInt(Life::last).max().orElse(-1) + 1;
    long[] change = new long[ops + 1];
    for (Life life : lives) {
      change[life.first] += life.paddedBytes();
      change[life.last + 1] -= life.paddedBytes();
    }
    long live = 0;
    long most = 0;
    for (long step : change) {
      live += step;
      most = Math.max(most, live);
    }
    return most;
  }

  private static Packing inOrder(List<Life> lives, Comparator<Life> order) {
    long[] at = new long[lives.size()];
    long total = 0;
    // Sorted by place, so that gaps are found in one walk.
    List<Integer> placed = new ArrayList<>();
    for (int block :
        IntStream.range(0, lives.size())
            .boxed()
            .sorted(Comparator.comparing(lives::get, order))
            .toList()) {
      Life life = lives.get(block);
      long start = 0;
      for (int other : placed) {
        if (life.meets(lives.get(other))) {
          if (at[other] - start >= life.paddedBytes()) {
            break;
          }
          start = Math.max(start, at[other] + lives.get(other).paddedBytes());
        }
      }
      at[block] = start;
      total = Math.max(total, start + life.paddedBytes());
      int position = 0;
      while (position < placed.size() && at[placed.get(position)] <= start) {
        position++;
      }
      placed.add(position, block);
    }
    return new Packing(at, total);
  }
}
