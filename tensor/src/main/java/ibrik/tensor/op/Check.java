package ibrik.tensor.op;

import ibrik.tensor.DType;
import ibrik.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Collects every broken rule of one call, then throws once: `[conv2d] channels of x must equal
/// ...; got x: f32[8,32,32,3], w: f32[16,3,3,4]; transpose w`.
public final class Check {
  private final String tag;
  private final List<String> names;
  private final List<TensorSpec> in;
  private final List<String> broken = new ArrayList<>();
  private final List<String> fixes = new ArrayList<>();

  private Check(String tag, List<String> names, List<TensorSpec> in) {
    this.tag = tag;
    this.names = names;
    this.in = in;
  }

  /// Starts the checks of `op`; throws at once if the number of inputs is not that of `names`.
  public static Check of(Op op, List<TensorSpec> in, String... names) {
    Check check = new Check(op.tag(), List.of(names), in);
    if (in.size() != names.length) {
      check.rule(false, "needs " + names.length + " inputs (" + String.join(", ", names) + ")");
      check.done();
    }
    return check;
  }

  /// Adds `rule` to the message unless it holds.
  public Check rule(boolean holds, String rule) {
    if (!holds) {
      broken.add(rule);
    }
    return this;
  }

  /// [#rule(boolean, String)] with the remedy.
  public Check rule(boolean holds, String rule, String fix) {
    if (!holds) {
      broken.add(rule);
      fixes.add(fix);
    }
    return this;
  }

  /// All inputs must be floating point.
  public Check floating() {
    for (int i = 0; i < in.size(); i++) {
      floating(i);
    }
    return this;
  }

  /// Input `index` must be floating point.
  public Check floating(int index) {
    return rule(
        in.get(index).dtype().isFloat(),
        name(index) + " must be floating point",
        "cast it with cast(DType.F32)");
  }

  /// Inputs `a` and `b` must have one element type.
  public Check sameType(int a, int b) {
    return rule(
        in.get(a).dtype() == in.get(b).dtype(),
        name(a) + " and " + name(b) + " must have one element type",
        "cast one of them");
  }

  /// Input `index` must have element type `dtype`.
  public Check type(int index, DType dtype) {
    return rule(
        in.get(index).dtype() == dtype,
        name(index) + " must be " + dtype,
        "cast it with cast(DType." + dtype.name() + ")");
  }

  /// Input `index` must have `rank` axes.
  public Check rank(int index, int rank) {
    return rule(in.get(index).shape().rank() == rank, name(index) + " must have " + rank + " axes");
  }

  /// Ends with an exception if any rule was broken.
  ///
  /// @throws IllegalArgumentException with all broken rules
  public void done() {
    if (broken.isEmpty()) {
      return;
    }
    String got =
        IntStream.range(0, in.size())
            .mapToObj(i -> name(i) + ": " + in.get(i))
            .collect(Collectors.joining(", "));
    String message = "[" + tag + "] " + String.join("; ", broken);
    message += got.isEmpty() ? "" : "; got " + got;
    message += fixes.isEmpty() ? "" : "; " + String.join("; ", fixes.stream().distinct().toList());
    throw new IllegalArgumentException(message);
  }

  private String name(int index) {
    return index < names.size() ? names.get(index) : "input " + index;
  }
}
