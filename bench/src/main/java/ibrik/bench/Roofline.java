package ibrik.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What the machine was measured to do at most, in the same run as the benchmarks.
///
/// **Source** Williams, Waterman and Patterson 2009, "Roofline: an insightful visual performance
/// model for multicore architectures".
///
/// @param threads that worked
/// @param gflopPerSecond multiplications and additions in registers
/// @param copy GB/s of a copy, read and written bytes together, by the bytes of a run over all
///   threads
public record Roofline(int threads, double gflopPerSecond, SortedMap<Long, Double> copy) {
  /// What limits a kernel.
  public enum Bound {
    /// Bytes take longer than operations.
    MEMORY,
    /// Operations take longer than bytes.
    COMPUTE
  }

  /// Copies.
  public Roofline {
    copy = new TreeMap<>(copy);
  }

  /// GB/s for a run that moves `bytes`: that of the smallest measured copy that is not smaller, or
  /// of the largest.
  public double gbytePerSecond(double bytes) {
    double rate = Double.NaN;
    for (Map.Entry<Long, Double> level : copy.entrySet()) {
      rate = level.getValue();
      // Rates and runs per second, from which bytes are computed, are rounded to four digits.
      if (level.getKey() >= bytes * (1 - 1e-3)) {
        break;
      }
    }
    return rate;
  }

  /// The least time over the measured one, as a fraction: above 1 where a kernel reads more than it
  /// writes, or skips work that the definition counts.
  public double share(double gflop, double gbyte, double bytes) {
    return Math.max(gflop / gflopPerSecond, gbyte / gbytePerSecond(bytes));
  }

  /// Which of the two is the limit.
  public Bound bound(double gflop, double gbyte, double bytes) {
    return gflop / gflopPerSecond > gbyte / gbytePerSecond(bytes) ? Bound.COMPUTE : Bound.MEMORY;
  }

  /// From JMH's results of [CopyRoof] and [FmaRoof] on `threads` threads: of each size the faster
  /// copy.
  static Roofline of(int threads, JsonNode runs) {
    double peak = Double.NaN;
    SortedMap<Long, Double> copy = new TreeMap<>();
    for (JsonNode run : runs) {
      JsonNode rates = run.path("secondaryMetrics");
      if (run.path("benchmark").asText().contains(FmaRoof.class.getSimpleName() + ".")) {
        peak = rates.path("gflop").path("score").asDouble();
      } else {
        long bytes = threads * Sizes.bytes(run.path("params").path("bytes").asText());
        copy.merge(bytes, rates.path("gbyte").path("score").asDouble(), Math::max);
      }
    }
    return new Roofline(threads, peak, copy);
  }

  /// From a result file.
  public static Roofline read(JsonNode json) {
    SortedMap<Long, Double> copy = new TreeMap<>();
    for (JsonNode level : json.path("copy")) {
      copy.put(level.path("bytes").asLong(), level.path("gbyte_per_s").asDouble());
    }
    return new Roofline(
        json.path("threads").asInt(), json.path("fma_gflop_per_s").asDouble(Double.NaN), copy);
  }

  /// For a result file.
  void write(ObjectNode json) {
    json.put("threads", threads);
    json.put("fma_gflop_per_s", Digits.four(gflopPerSecond));
    ArrayNode levels = json.putArray("copy");
    for (Map.Entry<Long, Double> level : copy.entrySet()) {
      levels
          .addObject()
          .put("bytes", level.getKey())
          .put("gbyte_per_s", Digits.four(level.getValue()));
    }
  }
}
