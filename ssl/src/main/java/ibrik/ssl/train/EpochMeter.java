package ibrik.ssl.train;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// Means over the steps of the present epoch, by name, in double: over those steps that told the
/// number. Travels in checkpoints, bit for bit.
final class EpochMeter {
  private final Map<String, Sum> sums = new LinkedHashMap<>();
  private long steps;

  private record Sum(double sum, long count) {
    Sum plus(Sum other) {
      return new Sum(sum + other.sum, count + other.count);
    }
  }

  /// Adds the numbers of one step.
  void add(Map<String, Double> step) {
    addLate(step);
    steps++;
  }

  /// Adds further numbers of a step that was counted.
  void addLate(Map<String, Double> numbers) {
    numbers.forEach((name, value) -> sums.merge(name, new Sum(value, 1), Sum::plus));
  }

  /// Means so far; empty before the first step.
  Map<String, Double> means() {
    Map<String, Double> means = new LinkedHashMap<>();
    sums.forEach((name, sum) -> means.put(name, sum.sum / sum.count));
    return means;
  }

  void reset() {
    sums.clear();
    steps = 0;
  }

  /// `31 loss=0x1.8p1 probe_loss=0x1.4p0/20 ...`: steps, then sums in hexadecimal, so that no bit
  /// is lost; those of fewer steps with their number.
  String toText() {
    return steps
        + sums.entrySet().stream()
            .map(e -> " " + e.getKey() + "=" + text(e.getValue()))
            .collect(Collectors.joining());
  }

  private String text(Sum sum) {
    String digits = Double.toHexString(sum.sum);
    return sum.count == steps ? digits : digits + "/" + sum.count;
  }

  void fromText(String text) {
    reset();
    String[] parts = text.split(" ");
    steps = Long.parseLong(parts[0]);
    Arrays.stream(parts)
        .skip(1)
        .map(part -> part.split("[=/]"))
        .forEach(
            part -> {
              long count = part.length > 2 ? Long.parseLong(part[2]) : steps;
              sums.put(part[0], new Sum(Double.parseDouble(part[1]), count));
            });
  }
}
