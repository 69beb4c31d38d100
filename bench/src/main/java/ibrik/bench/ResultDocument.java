package ibrik.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;

/// A result file: date, machine, note, roofs, and per benchmark its parameters and rates.
final class ResultDocument {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final ObjectNode document = JSON.createObjectNode();
  private final ArrayNode rows;
  private final int threads;
  private final @Nullable Roofline roof;

  /// @param threads of the benchmarks
  /// @param roofs measured in this run; that of `threads` is what rows are compared with
  ResultDocument(String note, int threads, List<Roofline> roofs) {
    this.threads = threads;
    head(document, note);
    document.put("threads", threads);
    ArrayNode all = document.putArray("roofs");
    roofs.forEach(one -> one.write(all.addObject()));
    roof = roofs.stream().filter(one -> one.threads() == threads).findFirst().orElse(null);
    rows = document.putArray("results");
  }

  /// What every result file begins with.
  static void head(ObjectNode document, String note) {
    document.put("date", LocalDate.now(ZoneOffset.UTC).toString());
    document.set("machine", JSON.valueToTree(Machine.here()));
    document.put("note", note);
  }

  /// Adds one row per benchmark.
  void add(Collection<RunResult> results) throws IOException {
    for (JsonNode run : jmh(results)) {
      ObjectNode row = rows.addObject();
      row.put(
          "benchmark", run.path("benchmark").asText().replaceFirst(".*\\.(\\w+\\.\\w+)$", "$1"));
      row.set("params", run.path("params"));
      row.put("threads", threads);
      rate(row, "gflop_per_s", run.path("secondaryMetrics").path("gflop"));
      rate(row, "gbyte_per_s", run.path("secondaryMetrics").path("gbyte"));
      rate(row, "runs_per_s", run.path("primaryMetric"));
      quartiles(row, run.path("primaryMetric").path("rawData"));
      if (roof != null) {
        share(row, roof);
      }
      for (String key : List.of("forks", "warmupIterations", "measurementIterations")) {
        row.set(key, run.path(key));
      }
    }
  }

  private static void rate(ObjectNode row, String name, JsonNode metric) {
    if (!metric.isMissingNode()) {
      row.put(name, Digits.four(metric.path("score").asDouble()));
      row.put(name + "_error", Digits.four(metric.path("scoreError").asDouble()));
    }
  }

  /// Over all iterations of all forks.
  private static void quartiles(ObjectNode row, JsonNode forks) {
    DoubleStream.Builder all = DoubleStream.builder();
    forks.forEach(fork -> fork.forEach(iteration -> all.add(iteration.asDouble())));
    double[] sorted = all.build().sorted().toArray();
    if (sorted.length > 0) {
      ArrayNode json = row.putArray("runs_per_s_quartiles");
      for (int quarter = 1; quarter <= 3; quarter++) {
        json.add(Digits.four(sorted[sorted.length * quarter / 4]));
      }
    }
  }

  private static void share(ObjectNode row, Roofline roof) {
    double gflop = row.path("gflop_per_s").asDouble();
    double gbyte = row.path("gbyte_per_s").asDouble();
    double runs = row.path("runs_per_s").asDouble();
    if (runs > 0 && gflop + gbyte > 0) {
      double bytes = gbyte * 1e9 / runs;
      row.put("percent_of_roof", Digits.three(100 * roof.share(gflop, gbyte, bytes)));
      row.put("bound", roof.bound(gflop, gbyte, bytes).name().toLowerCase(Locale.ROOT));
    }
  }

  /// The results as JMH writes them.
  static JsonNode jmh(Collection<RunResult> results) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream print = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
      ResultFormatFactory.getInstance(ResultFormatType.JSON, print).writeOut(results);
    }
    return JSON.readTree(bytes.toByteArray());
  }

  JsonNode json() {
    return document;
  }

  /// A table of rates and percents of the roof.
  void print(PrintStream out) {
    if (roof == null) {
      return;
    }
    out.printf(
        Locale.ROOT,
        "%nRoof on %d threads: %.4g GFLOP/s; copies in GB/s by bytes: %s%n",
        threads,
        roof.gflopPerSecond(),
        roof.copy());
    out.printf("%8s %10s %8s  %s%n", "% roof", "GFLOP/s", "GB/s", "benchmark");
    for (JsonNode row : rows) {
      if (row.has("percent_of_roof")) {
        out.printf(
            Locale.ROOT,
            "%8.4g %10.4g %8.4g  %s %s%n",
            row.path("percent_of_roof").asDouble(),
            row.path("gflop_per_s").asDouble(),
            row.path("gbyte_per_s").asDouble(),
            row.path("benchmark").asText(),
            row.path("params"));
      }
    }
  }

  void write(Path file) throws IOException {
    write(file, document);
  }

  /// Writes a result file.
  static void write(Path file, JsonNode document) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(file, JSON.writeValueAsString(document) + "\n");
    System.out.println("written: " + file);
  }
}
