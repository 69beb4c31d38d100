package ibrik.ssl.train;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// Means over the steps of the present epoch, by name, in double. Travels in checkpoints, bit for
/// bit.
final class EpochMeter {
  private final Map<String, Double> sums = new LinkedHashMap<>();
  private long count;

  /// Adds the numbers of one step.
  void add(Map<String, Double> step) {
    addLate(step);
    count++;
  }

  /// Adds further numbers of a step that was counted.
  void addLate(Map<String, Double> numbers) {
    numbers.forEach((name, value) -> sums.merge(name, value, Double::sum));
  }

  /// Means so far; empty before the first step.
  Map<String, Double> means() {
    Map<String, Double> means = new LinkedHashMap<>();
    sums.forEach((name, sum) -> means.put(name, sum / count));
    return means;
  }

  void reset() {
    sums.clear();
    count = 0;
  }

  /// `31 loss=0x1.8p1 ...`: hexadecimal, so that no bit is lost.
  String toText() {
    return count
        + sums.entrySet().stream()
            .map(e -> " " + e.getKey() + "=" + Double.toHexString(e.getValue()))
            .collect(Collectors.joining());
  }

  void fromText(String text) {
    reset();
    String[] parts = text.split(" ");
    count = Long.parseLong(parts[0]);
    Arrays.stream(parts)
        .skip(1)
        .map(part -> part.split("=", 2))
        .forEach(pair -> sums.put(pair[0], Double.valueOf(pair[1])));
  }
}
