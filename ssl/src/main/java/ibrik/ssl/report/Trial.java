package ibrik.ssl.report;

import com.fasterxml.jackson.databind.JsonNode;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Methods;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Runs that differ in their seed alone: one row of a comparison, one line of its charts.
///
/// @param name what tells it from the others of its panel
/// @param runs at least one, each finished, by seed
record Trial(String name, List<RunContents> runs) {
  Trial {
    runs = List.copyOf(runs);
  }

  /// The method as papers write it.
  static String title(RunContents run) {
    String name = run.config().path("method").asText("");
    return Methods.find(name).map(MethodFactory::title).orElseGet(run::method);
  }

  RunContents first() {
    return runs.getFirst();
  }

  /// A number of `result.json`.
  Spread number(String key) {
    return new Spread(
        runs.stream()
            .map(run -> run.result().path(key))
            .mapToDouble(value -> value.isNumber() ? value.doubleValue() : Double.NaN)
            .toArray());
  }

  List<Long> seeds() {
    return runs.stream().map(run -> run.config().path("seed").asLong()).toList();
  }

  int epochs() {
    return first().epochsPlanned();
  }

  JsonNode config() {
    return first().config();
  }

  Map<String, String> settings() {
    return Settings.of(config());
  }

  /// Numbers of the log over epochs, over all runs.
  ///
  /// @param x where each stands: the epoch, or seconds of training so far
  /// @param mean over the runs
  /// @param low least of the runs
  /// @param high largest of the runs
  record Course(double[] x, double[] mean, double[] low, double[] high) {}

  /// The numbers under `key` against epochs.
  Course overEpochs(String key) {
    return course(key, false);
  }

  /// The numbers under `key` against seconds of training so far.
  Course overTime(String key) {
    return course(key, true);
  }

  /// Only epochs of which every run has the number: a mean over others would jump.
  private Course course(String key, boolean time) {
    Map<Double, double[]> values = new TreeMap<>();
    Map<Double, Double> seconds = new TreeMap<>();
    for (int r = 0; r < runs.size(); r++) {
      Metrics metrics = runs.get(r).metrics();
      double[] column = metrics.column(key);
      double[] took = metrics.column("seconds");
      double sum = 0;
      for (int i = 0; i < column.length; i++) {
        sum += took[i];
        double epoch = metrics.epochs()[i];
        values.computeIfAbsent(epoch, _ -> unknown(runs.size()))[r] = column[i];
        seconds.merge(epoch, sum / runs.size(), Double::sum);
      }
    }
    values.values().removeIf(each -> Arrays.stream(each).anyMatch(v -> !Double.isFinite(v)));
    List<double[]> each = List.copyOf(values.values());
    return new Course(
        values.keySet().stream().mapToDouble(e -> time ? seconds.getOrDefault(e, e) : e).toArray(),
        each.stream().mapToDouble(v -> Arrays.stream(v).average().orElseThrow()).toArray(),
        each.stream().mapToDouble(v -> Arrays.stream(v).min().orElseThrow()).toArray(),
        each.stream().mapToDouble(v -> Arrays.stream(v).max().orElseThrow()).toArray());
  }

  private static double[] unknown(int n) {
    double[] values = new double[n];
    Arrays.fill(values, Double.NaN);
    return values;
  }
}
