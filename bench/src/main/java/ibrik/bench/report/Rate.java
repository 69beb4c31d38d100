package ibrik.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.StringJoiner;

/// What a benchmark reached.
///
/// @param family class of the benchmark, without `Bench`
/// @param what method and parameters
/// @param threads 0 where an old file does not tell
/// @param gflop per second
/// @param gbyte per second
/// @param runs per second
/// @param error half width of the interval of `runs`
/// @param percentOfRoof NaN where no roof was measured
/// @param bound `memory`, `compute` or nothing
record Rate(
    String family,
    String what,
    int threads,
    double gflop,
    double gbyte,
    double runs,
    double error,
    double percentOfRoof,
    String bound) {
  static Rate of(JsonNode row) {
    String[] name = row.path("benchmark").asText().split("\\.");
    StringJoiner what = new StringJoiner(" ");
    what.add(name[name.length - 1]);
    row.path("params")
        .properties()
        .forEach(
            param -> {
              if (!param.getKey().equals("device")) {
                what.add(param.getValue().asText());
              }
            });
    return new Rate(
        name[0].replaceFirst("Bench$", ""),
        what.toString(),
        row.path("threads").asInt(0),
        row.path("gflop_per_s").asDouble(),
        row.path("gbyte_per_s").asDouble(),
        row.path("runs_per_s").asDouble(),
        row.path("runs_per_s_error").asDouble(),
        row.path("percent_of_roof").asDouble(Double.NaN),
        row.path("bound").asText(""));
  }

  /// Operations per byte.
  double intensity() {
    return gflop / gbyte;
  }

  String title() {
    return family + " " + what;
  }
}
