package ibrik.tensor.exec;

import com.google.errorprone.annotations.FormatMethod;
import ibrik.tensor.Tensor;
import ibrik.tensor.exec.Trace.Block;
import ibrik.tensor.exec.Trace.Call;
import ibrik.tensor.exec.Trace.Value;
import ibrik.tensor.op.Update;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/// A [Plan] as text.
final class PlanText {
  private final Plan plan;
  private final List<Long> nanos;
  private final StringBuilder out = new StringBuilder();

  private PlanText(Plan plan, List<Long> nanos) {
    this.plan = plan;
    this.nanos = nanos;
  }

  /// @param nanos mean time of each op; empty where none was measured
  static String of(Plan plan, List<Long> nanos) {
    return new PlanText(plan, nanos).write();
  }

  private String write() {
    Trace trace = plan.trace();
    trace.leaves().forEach(this::leaf);
    line("%4s  %-26s%s  %s", "op", "tag", time("us"), "in -> out: bytes, first..last op, @place");
    for (int i = 0; i < trace.calls().size(); i++) {
      Call call = trace.calls().get(i);
      String us = nanos.isEmpty() ? "" : String.format(Locale.ROOT, "%.1f", nanos.get(i) * 1e-3);
      line("%4d  %-26s%s  %s", i, call.op().tag(), time(us), names(call.in()) + " -> " + out(call));
    }
    StringJoiner outputs = new StringJoiner(", ");
    trace.outputs().forEach(value -> outputs.add(name(value) + " " + value.spec()));
    line("outputs %s", outputs);
    line(
        "arena %,d B (at least %,d B needed; eager peak %,d B), of it outputs %,d B, constants %,d B",
        plan.arenaBytes(),
        plan.lowerBoundBytes(),
        plan.eagerPeakBytes(),
        plan.outputBytes(),
        plan.constantBytes());
    line(
        "outside: variables %,d B, other tensors %,d B", plan.variableBytes(), plan.outsideBytes());
    line("%,d ops on %s, %,d flop", plan.ops(), plan.device(), plan.flops());
    return out.toString().stripTrailing();
  }

  @FormatMethod
  private void line(String format, Object... parts) {
    out.append(String.format(Locale.ROOT, format, parts).stripTrailing()).append('\n');
  }

  /// The column that is there only where time was measured.
  private String time(String text) {
    return nanos.isEmpty() ? "" : String.format(Locale.ROOT, "%10s", text);
  }

  private void leaf(Value value) {
    String what =
        switch (value.block()) {
          case Block.Outside(_, Tensor tensor) ->
              (tensor.isMutable() ? "variable " : "tensor ") + tensor.origin();
          case Block.Constant _, Block.Temporary _ -> "constant";
        };
    line("%s = %s: %s, %,d B", name(value), what, value.spec(), value.spec().bytes());
  }

  private static String name(Value value) {
    return "%" + value.number();
  }

  private static String names(List<Value> values) {
    StringJoiner names = new StringJoiner(" ");
    values.forEach(value -> names.add(name(value)));
    return names.toString();
  }

  private String out(Call call) {
    if (call.op() instanceof Update update) {
      return "writes " + names(update.written().stream().map(call.in()::get).toList());
    }
    if (call.kernel() == null) {
      Value view = call.out().getFirst();
      return name(view) + " " + view.spec() + ": view of " + names(call.in());
    }
    int over = plan.overwritten(call);
    StringJoiner text = new StringJoiner("; ");
    for (Value value : call.out()) {
      int last = plan.last(value);
      text.add(
          String.format(
              Locale.ROOT,
              "%s %s: %,d B, %d..%s, @%,d",
              name(value),
              value.spec(),
              value.spec().bytes(),
              plan.first(value),
              last == plan.ops() ? "end" : last,
              plan.placeBytes(value)));
    }
    return text + (over < 0 ? "" : ", over " + name(call.in().get(over)));
  }
}
