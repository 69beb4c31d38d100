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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/// Runs benchmarks: JMH's command line with two more options, `--out FILE` for a JSON file that
/// holds date, machine and numbers, and `--note TEXT` for what should be known beside them.
///
/// ```
/// java -jar bench/target/benchmarks.jar MatMulBench -p size=256x256x256 --out bench/results/x.json
/// ```
public final class Main {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private Main() {}

  /// Exits with 1 if a benchmark failed, with 2 if an option is wrong.
  public static void main(String[] args) throws IOException {
    int status;
    try {
      status = run(args);
    } catch (CommandLineOptionException | IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      status = 2;
    } catch (RunnerException failed) {
      System.err.println(failed.getMessage());
      status = 1;
    }
    if (status != 0) {
      System.exit(status);
    }
  }

  private static int run(String[] args)
      throws CommandLineOptionException, RunnerException, IOException {
    List<String> rest = new ArrayList<>(Arrays.asList(args));
    String out = take(rest, "--out");
    String note = take(rest, "--note");
    CommandLineOptions options = new CommandLineOptions(rest.toArray(String[]::new));
    if (options.shouldHelp()) {
      options.showHelp();
      System.out.println("  --out <file>   also write date, machine and numbers as JSON");
      System.out.println("  --note <text>  a remark for that file");
      return 0;
    }
    Runner runner = new Runner(options);
    if (options.shouldList()) {
      runner.list();
      return 0;
    }
    Collection<RunResult> results = runner.run();
    if (out != null) {
      write(Path.of(out), document(results, note == null ? "" : note));
    }
    return results.isEmpty() ? 1 : 0;
  }

  /// Removes `name value` from the arguments and gives the value.
  private static @Nullable String take(List<String> args, String name) {
    int at = args.indexOf(name);
    if (at < 0) {
      return null;
    }
    if (at + 1 == args.size()) {
      throw new IllegalArgumentException("[bench] " + name + " needs a value");
    }
    args.remove(at);
    return args.remove(at);
  }

  /// Date, machine, note, and per benchmark: parameters, GFLOP/s and GB/s with the half width of
  /// their 99.9 % intervals, and how they were measured.
  static ObjectNode document(Collection<RunResult> results, String note) throws IOException {
    ObjectNode document = JSON.createObjectNode();
    document.put("date", LocalDate.now(ZoneOffset.UTC).toString());
    document.set("machine", JSON.valueToTree(Machine.here()));
    document.put("note", note);
    ArrayNode rows = document.putArray("results");
    for (JsonNode run : jmh(results)) {
      ObjectNode row = rows.addObject();
      row.put(
          "benchmark", run.path("benchmark").asText().replaceFirst(".*\\.(\\w+\\.\\w+)$", "$1"));
      row.set("params", run.path("params"));
      rate(row, "gflop_per_s", run.path("secondaryMetrics").path("gflop"));
      rate(row, "gbyte_per_s", run.path("secondaryMetrics").path("gbyte"));
      rate(row, "runs_per_s", run.path("primaryMetric"));
      for (String key : List.of("forks", "warmupIterations", "measurementIterations")) {
        row.set(key, run.path(key));
      }
    }
    return document;
  }

  private static void rate(ObjectNode row, String name, JsonNode metric) {
    if (!metric.isMissingNode()) {
      row.put(name, rounded(metric.path("score").asDouble()));
      row.put(name + "_error", rounded(metric.path("scoreError").asDouble()));
    }
  }

  /// Four digits: more is noise.
  private static double rounded(double value) {
    return Double.isFinite(value)
        ? Double.parseDouble(String.format(Locale.ROOT, "%.4g", value))
        : 0;
  }

  private static JsonNode jmh(Collection<RunResult> results) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream print = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
      ResultFormatFactory.getInstance(ResultFormatType.JSON, print).writeOut(results);
    }
    return JSON.readTree(bytes.toByteArray());
  }

  /// Writes a result file.
  static void write(Path file, ObjectNode document) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(file, JSON.writeValueAsString(document) + "\n");
    System.out.println("written: " + file);
  }
}
