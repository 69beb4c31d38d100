package ibrik.ssl.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.ssl.config.Json;
import java.io.PrintWriter;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Numbers that a protocol found, by name and in order, and the settings it ran with. For programs
/// shares are fractions, for people percent.
final class Measured {
  private final Map<String, Double> numbers = new LinkedHashMap<>();
  private final Set<String> shares = new HashSet<>();
  private final ObjectNode settings = Json.object();

  /// A share of something, as a fraction.
  void share(String name, double fraction) {
    number(name, fraction);
    shares.add(name);
  }

  /// Any other number.
  void number(String name, double value) {
    numbers.put(name, value);
  }

  /// What decided the numbers, beside the run itself.
  ObjectNode settings() {
    return settings;
  }

  /// All numbers.
  Map<String, Double> numbers() {
    return Collections.unmodifiableMap(numbers);
  }

  /// One line per number.
  void print(PrintWriter out) {
    numbers.forEach((name, value) -> out.printf("%-32s %s%n", name, text(name, value)));
  }

  private String text(String name, double value) {
    if (shares.contains(name)) {
      return percent(value);
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e9) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    double size = Math.abs(value);
    return String.format(Locale.ROOT, size < 1e-3 || size >= 1e6 ? "%.3e" : "%.4f", value);
  }

  /// `83.4 %`.
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
