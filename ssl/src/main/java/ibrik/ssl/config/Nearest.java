package ibrik.ssl.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// What somebody probably meant.
public final class Nearest {
  private Nearest() {}

  /// The known word with the fewest edits from `typed`, if they are few for its length; of equals
  /// the first.
  public static Optional<String> to(String typed, Collection<String> known) {
    String wanted = typed.toLowerCase(Locale.ROOT);
    int most = Math.max(1, wanted.length() / 3);
    return known.stream()
        .filter(word -> edits(wanted, word.toLowerCase(Locale.ROOT)) <= most)
        .min(Comparator.comparingInt(word -> edits(wanted, word.toLowerCase(Locale.ROOT))));
  }

  /// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`
  /// (Damerau-Levenshtein, no letter moved twice).
  static int edits(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int best = Math.min(cost[i - 1][j], cost[i][j - 1]) + 1;
        best = Math.min(best, cost[i - 1][j - 1] + (same ? 0 : 1));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          best = Math.min(best, cost[i - 2][j - 2] + 1);
        }
        cost[i][j] = best;
      }
    }
    return cost[a.length()][b.length()];
  }
}
