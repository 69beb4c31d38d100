package ibrik.ssl.eval;

import ibrik.tensor.random.PhiloxStream;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Which items are used with their labels: held-out sets and low-shot sets, drawn class by class.
/// The same seed draws the same items.
public final class LabelSplits {
  private LabelSplits() {}

  /// Two parts of a set, each in ascending order.
  ///
  /// @param chosen items drawn
  /// @param rest all others
  public record Split(int[] chosen, int[] rest) {}

  /// Draws `share` of each class, rounded to the nearest count but at least one of each class that
  /// has two or more items.
  ///
  /// @param share in (0, 1)
  public static Split share(FeatureBank bank, double share, long seed) {
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException("[split] share must be in (0, 1); got " + share);
    }
    return draw(bank, seed, size -> size < 2 ? 0 : Math.max(1, (int) Math.round(share * size)));
  }

  /// Draws `count` of each class: low-shot learning with balanced classes.
  ///
  /// @throws IllegalArgumentException if a class has fewer items
  public static Split perClass(FeatureBank bank, int count, long seed) {
    return draw(
        bank,
        seed,
        size -> {
          if (size < count || count < 1) {
            throw new IllegalArgumentException(
                "[split] needs between 1 and all items of each class; got "
                    + count
                    + " of a class with "
                    + size);
          }
          return count;
        });
  }

  private static Split draw(
      FeatureBank bank, long seed, java.util.function.IntUnaryOperator countOf) {
    bank.needLabels("split");
    boolean[] chosen = new boolean[bank.size()];
    for (int c = 0; c < bank.classes(); c++) {
      int label = c;
      int[] members =
          IntStream.range(0, bank.size()).filter(i -> bank.labels()[i] == label).toArray();
      int[] order = new PhiloxStream(seed, c).permutation(members.length);
      int count = countOf.applyAsInt(members.length);
      Arrays.stream(order).limit(count).forEach(i -> chosen[members[i]] = true);
    }
    return new Split(
        IntStream.range(0, chosen.length).filter(i -> chosen[i]).toArray(),
        IntStream.range(0, chosen.length).filter(i -> !chosen[i]).toArray());
  }
}
