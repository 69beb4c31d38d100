package ibrik.ssl.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/// Guesses what a mistyped name was meant to be.
public final class Nearest {
  private Nearest() {}

  /// The name of `known` that `typed` most resembles, if it does so closely: it is the beginning of
  /// that name, or at most about every third letter differs. Case does not count; of equally near
  /// names the first wins.
  public static Optional<String> to(String typed, Collection<String> known) {
    String word = typed.strip().toLowerCase(Locale.ROOT);
    String nearest = "";
    int least = Integer.MAX_VALUE;
    for (String name : known) {
      String other = name.toLowerCase(Locale.ROOT);
      boolean begun = word.length() >= 2 && other.startsWith(word);
      int distance = begun ? Math.min(1, other.length() - word.length()) : distance(word, other);
      int allowed = (Math.max(word.length(), other.length()) + 1) / 3;
      if (distance <= Math.max(1, allowed) && distance < other.length() && distance < least) {
        nearest = name;
        least = distance;
      }
    }
    return nearest.isEmpty() ? Optional.empty() : Optional.of(nearest);
  }

  /// Fewest letters to insert, delete, replace or swap with their neighbour to get from `a` to `b`:
  /// the optimal string alignment distance.
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        cost[i][j] = i == 0 || j == 0 ? i + j : step(cost, a, b, i, j);
      }
    }
    return cost[a.length()][b.length()];
  }

  private static int step(int[][] cost, String a, String b, int i, int j) {
    int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
    int least = Math.min(cost[i - 1][j - 1] + change, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(least, cost[i - 2][j - 2] + 1) : least;
  }
}
