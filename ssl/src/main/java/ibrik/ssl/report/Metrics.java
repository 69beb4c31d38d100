package ibrik.ssl.report;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// `metrics.jsonl` as columns over epochs.
///
/// @param epochs ascending, from 1; not copied
/// @param columns by name: one number per epoch, NaN where there is none
/// @param problems what could not be read
record Metrics(double[] epochs, Map<String, double[]> columns, List<String> problems) {
  static final Metrics NONE = new Metrics(new double[0], Map.of(), List.of());

  /// One JSON object per line. Of two lines for an epoch the later one counts: a resumed run writes
  /// again the epochs after its checkpoint. A last line without an end was cut off by whatever
  /// ended the run, and is ignored if it is no JSON.
  static Metrics parse(String lines) {
    Map<Long, JsonNode> byEpoch = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    String[] parts = lines.split("\n", -1);
    for (int i = 0; i < parts.length; i++) {
      if (parts[i].isBlank()) {
        continue;
      }
      JsonNode line = parsed(parts[i]);
      if (line.path("epoch").isIntegralNumber()) {
        byEpoch.put(line.path("epoch").longValue(), line);
      } else if (i < parts.length - 1) {
        problems.add("metrics.jsonl: line " + (i + 1) + " is no JSON object with an epoch");
      }
    }
    return columns(byEpoch, problems);
  }

  private static JsonNode parsed(String line) {
    try {
      return Json.MAPPER.readTree(line);
    } catch (JacksonException _) {
      return Json.MAPPER.missingNode();
    }
  }

  private static Metrics columns(Map<Long, JsonNode> byEpoch, List<String> problems) {
    double[] epochs = byEpoch.keySet().stream().mapToDouble(Long::doubleValue).toArray();
    Map<String, double[]> columns = new TreeMap<>();
    int row = 0;
    for (JsonNode line : byEpoch.values()) {
      for (String name : names(line)) {
        double[] column =
            columns.computeIfAbsent(
                name,
                _ -> {
                  double[] unknown = new double[epochs.length];
                  Arrays.fill(unknown, Double.NaN);
                  return unknown;
                });
        column[row] = number(line.get(name));
      }
      row++;
    }
    columns.remove("epoch");
    return new Metrics(epochs, columns, List.copyOf(problems));
  }

  private static Set<String> names(JsonNode line) {
    Set<String> names = new TreeSet<>();
    line.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /// JSON has no NaN and no infinity: writers use null or a string.
  private static double number(JsonNode value) {
    return value.isNumber() ? value.doubleValue() : Double.NaN;
  }

  /// Whether no epoch is over.
  boolean isEmpty() {
    return epochs.length == 0;
  }

  /// The last epoch, 0 if none is over.
  int lastEpoch() {
    return isEmpty() ? 0 : (int) epochs[epochs.length - 1];
  }

  /// Whether some epoch has a number under `name`.
  boolean has(String name) {
    return Arrays.stream(column(name)).anyMatch(Double::isFinite);
  }

  /// The numbers under `name`, all NaN if there are none.
  double[] column(String name) {
    double[] column = columns.get(name);
    if (column == null) {
      column = new double[epochs.length];
      Arrays.fill(column, Double.NaN);
    }
    return column;
  }

  /// The latest number under `name`, NaN if there is none.
  double latest(String name) {
    double[] column = column(name);
    for (int i = column.length - 1; i >= 0; i--) {
      if (Double.isFinite(column[i])) {
        return column[i];
      }
    }
    return Double.NaN;
  }
}
