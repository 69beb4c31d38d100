package ibrik.ssl.report;

import ibrik.tensor.random.PhiloxStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Some images of many, of as many classes as possible.
final class Picks {
  private Picks() {}

  /// At most `count` places in `labels`, drawn by `seed`: one of each class, then a second of each,
  /// and so on; ordered by class, within a class as drawn.
  static int[] spread(int[] labels, int count, long seed) {
    Map<Integer, Integer> taken = new HashMap<>();
    record Pick(int round, int label, int index) {}
    List<Pick> picks = new ArrayList<>();
    for (int index : new PhiloxStream(seed, 0).permutation(labels.length)) {
      int round = taken.merge(labels[index], 1, Integer::sum);
      picks.add(new Pick(round, labels[index], index));
    }
    // Sorting is stable: equal ones stay as drawn.
    return picks.stream()
        .sorted((a, b) -> Integer.compare(a.round, b.round))
        .limit(count)
        .sorted((a, b) -> Integer.compare(a.label, b.label))
        .mapToInt(Pick::index)
        .toArray();
  }
}
