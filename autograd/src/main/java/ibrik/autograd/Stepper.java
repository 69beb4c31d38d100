package ibrik.autograd;

import ibrik.tensor.Tensor;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.exec.Layer;
import ibrik.tensor.op.Op;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Tells what runs, op by op: `3 mat_mul(f32[2,3], f32[3,4]) -> f32[2,4]`. For teaching.
public final class Stepper implements Layer {
  private final Interpreter below;
  private final Consumer<String> out;
  private int ordinal;

  private Stepper(Interpreter below, Consumer<String> out) {
    this.below = below;
    this.out = out;
  }

  /// Runs `body`, handing one line per op to `out`.
  public static <T> T trace(Consumer<String> out, Supplier<T> body) {
    return Interpreter.with(new Stepper(Interpreter.current(), out), body);
  }

  @Override
  public Interpreter below() {
    return below;
  }

  @Override
  public List<Tensor> apply(Op op, List<Tensor> in) {
    List<Tensor> result = below.apply(op, in);
    out.accept(++ordinal + "  " + op.tag() + "(" + specs(in) + ") -> " + specs(result));
    return result;
  }

  private static String specs(List<Tensor> tensors) {
    return tensors.stream().map(t -> t.spec().toString()).collect(Collectors.joining(", "));
  }
}
