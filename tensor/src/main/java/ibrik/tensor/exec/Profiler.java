package ibrik.tensor.exec;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Op;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/// Adds up time, bytes and calls per op, over as many runs as it watches. `toString` prints a
/// table, the longest op first.
///
/// ```java
/// Profiler profiler = new Profiler();
/// profiler.watch(() -> step());       // or () -> program.replay()
/// System.out.println(profiler);
/// ```
///
/// An op without a kernel counts as one, with the time of its composition. Time between ops, such
/// as that of a tape, is nobody's. Not for use by several threads.
public final class Profiler {
  private final Map<String, Sum> sums = new LinkedHashMap<>();

  private static final class Sum {
    long calls;
    long nanos;
    long bytes;
  }

  /// A profiler that has seen nothing.
  public Profiler() {}

  /// Runs `body` and adds what its ops take.
  public <T> T watch(Supplier<T> body) {
    return Interpreter.with(new ProfilerLayer(this, Interpreter.current()), body);
  }

  /// [#watch(Supplier)] for a body without result.
  public void watch(Runnable body) {
    boolean _ =
        Interpreter.with(
            new ProfilerLayer(this, Interpreter.current()),
            () -> {
              body.run();
              return true;
            });
  }

  void add(String tag, long nanos, long bytes) {
    Sum sum = sums.computeIfAbsent(tag, _ -> new Sum());
    sum.calls++;
    sum.nanos += nanos;
    sum.bytes += bytes;
  }

  /// One row per op, the longest first.
  public List<OpTime> rows() {
    long total = Math.max(1, sums.values().stream().mapToLong(sum -> sum.nanos).sum());
    List<OpTime> rows = new ArrayList<>();
    sums.forEach(
        (tag, sum) ->
            rows.add(new OpTime(tag, sum.calls, sum.nanos, sum.bytes, (double) sum.nanos / total)));
    rows.sort(Comparator.comparingLong(OpTime::nanos).reversed());
    return rows;
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    line(out, "op", "calls", "ms", "share", "us/call", "GB/s");
    for (OpTime row : rows()) {
      line(
          out,
          row.op(),
          Long.toString(row.calls()),
          number("%.3f", row.nanos() * 1e-6),
          number("%.1f %%", row.share() * 100),
          number("%.1f", row.nanos() * 1e-3 / row.calls()),
          number("%.2f", row.gigabytesPerSecond()));
    }
    return out.toString().stripTrailing();
  }

  private static void line(StringBuilder out, String op, Object... columns) {
    out.append(String.format(Locale.ROOT, "%-28s", op));
    for (Object column : columns) {
      out.append(String.format(Locale.ROOT, "%11s", column));
    }
    out.append('\n');
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  /// The layer that is in force while a body is watched.
  record ProfilerLayer(Profiler profiler, Interpreter below) implements Layer {
    @Override
    public List<Tensor> apply(Op op, List<Tensor> in) {
      long start = System.nanoTime();
      List<Tensor> out = below.apply(op, in);
      long nanos = System.nanoTime() - start;
      boolean free = !out.isEmpty() && out.stream().allMatch(Tensor::isView);
      Cost cost = free ? Cost.NONE : Cost.of(op, specs(in), specs(out));
      profiler.add(op.tag(), nanos, cost.bytes());
      return out;
    }

    private static List<TensorSpec> specs(List<Tensor> tensors) {
      return tensors.stream().map(Tensor::spec).toList();
    }
  }
}
