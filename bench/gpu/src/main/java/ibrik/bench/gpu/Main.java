package ibrik.bench.gpu;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.bench.Machine;
import ibrik.kernels.cuda.CudaTimer;
import ibrik.tensor.Device;
import ibrik.tensor.backend.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Times the kernels of a GPU: captured programs, so graphs, between events.
///
/// ```
/// java ... ibrik.bench.gpu.Main [pattern] [--device cuda:0] [--samples 51] [--out FILE]
/// ```
///
/// Rows of the file: `{file, bench, size, mode, ours_ms, ours_quartiles_ms, gbyte_per_s, percent_of_copy,
/// tflop_per_s}` with medians; mode `cold` flushes the second cache before each run, `hot` runs one
/// after the other. `bench/gpu/join.py` puts the times of the peers beside them.
public final class Main {
  /// What copies are measured with: far beyond the second cache.
  private static final long COPY_BYTES = 1L << 28;

  private Main() {}

  /// Exits with a trace if a kernel fails.
  public static void main(String[] args) throws IOException {
    List<String> rest = new ArrayList<>(List.of(args));
    Device device = Device.parse(take(rest, "--device", "cuda"));
    int samples = Integer.parseInt(take(rest, "--samples", "51"));
    Path out = Path.of(take(rest, "--out", ".gpu/out/kernels.json"));
    String pattern = rest.isEmpty() ? "" : rest.getFirst();
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    ObjectNode document = json.createObjectNode();
    try (CudaTimer timer = CudaTimer.of(device)) {
      Stopwatch watch = new Stopwatch(timer, device, samples);
      document.put("date", LocalDate.now(ZoneOffset.UTC).toString());
      document.set("machine", json.valueToTree(Machine.here()));
      document.put("gpu", timer.device().name());
      document.put("arch", timer.device().arch());
      document.put("cuda", Backends.of(device).description());
      Stopwatch.Times copy = watch.copy(COPY_BYTES);
      double copyRate = 2e-6 * COPY_BYTES / copy.median();
      document.put("copy_gbyte_per_s", digits(copyRate));
      System.out.printf(Locale.ROOT, "%s: copies %.0f GB/s%n", timer.device().name(), copyRate);
      ArrayNode rows = document.putArray("rows");
      for (Case one : Cases.all()) {
        if ((one.bench() + " " + one.size()).contains(pattern)) {
          time(one, watch, copyRate, rows, device);
          // What is there so far survives what comes next.
          write(out, json.writeValueAsString(document));
        }
      }
    }
    System.out.println("written: " + out);
  }

  private static void time(
      Case one, Stopwatch watch, double copyRate, ArrayNode rows, Device device) {
    try (Case.Inputs inputs = one.open().apply(device)) {
      Stopwatch.Both both = watch.time(inputs.step());
      add(rows, one, "cold", both.cold(), copyRate);
      add(rows, one, "hot", both.hot(), copyRate);
    }
  }

  private static void add(
      ArrayNode rows, Case one, String mode, Stopwatch.Times times, double copyRate) {
    double gigabytes = 1e-6 * one.bytes() / times.median();
    ObjectNode row = rows.addObject();
    row.put("file", one.file());
    row.put("bench", one.bench());
    row.put("size", one.size());
    row.put("mode", mode);
    row.put("ours_ms", digits(times.median()));
    row.putArray("ours_quartiles_ms").add(digits(times.low())).add(digits(times.high()));
    if (one.bytes() > 0) {
      row.put("gbyte_per_s", digits(gigabytes));
      row.put("percent_of_copy", digits(100 * gigabytes / copyRate));
    }
    if (one.flops() > 0) {
      row.put("tflop_per_s", digits(1e-9 * one.flops() / times.median()));
    }
    System.out.printf(
        Locale.ROOT,
        "%-22s %-16s %-4s %9.4f ms  %7.0f GB/s (%3.0f %% of copies)  %8.2f TFLOP/s%n",
        one.bench(),
        one.size(),
        mode,
        times.median(),
        gigabytes,
        100 * gigabytes / copyRate,
        1e-9 * one.flops() / times.median());
  }

  private static double digits(double value) {
    return Double.parseDouble(String.format(Locale.ROOT, "%.4g", value));
  }

  private static String take(List<String> args, String name, String otherwise) {
    int at = args.indexOf(name);
    if (at < 0 || at + 1 == args.size()) {
      return otherwise;
    }
    args.remove(at);
    return args.remove(at);
  }

  private static void write(Path out, String text) throws IOException {
    Path folder = out.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(out, text + "\n");
  }
}
