package ibrik.autograd;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.exec.Layer;
import ibrik.tensor.op.Op;
import java.util.List;
import java.util.function.Supplier;

/// Stops at the first op that makes a NaN or an infinity, and says which one it was and whether its
/// inputs were still finite. Reads every output once more: for finding a fault, not for every step.
public final class NanGuard implements Layer {
  private final Interpreter below;
  private long ordinal;

  private NanGuard(Interpreter below) {
    this.below = below;
  }

  /// Runs `body` under a guard.
  ///
  /// @throws NonFiniteException at the first op with a non-finite output
  public static <T> T watch(Supplier<T> body) {
    return Interpreter.with(new NanGuard(Interpreter.current()), body);
  }

  @Override
  public Interpreter below() {
    return below;
  }

  @Override
  public List<Tensor> apply(Op op, List<Tensor> in) {
    ordinal++;
    List<Tensor> out = below.apply(op, in);
    for (Tensor tensor : out) {
      if (!finite(tensor)) {
        throw new NonFiniteException(op.tag(), ordinal, describe(in));
      }
    }
    return out;
  }

  /// Whether every element of a float tensor is finite: zero times the tensor sums to zero.
  private boolean finite(Tensor tensor) {
    if (!tensor.dtype().isFloat()) {
      return true;
    }
    try (TensorScope _ = TensorScope.open()) {
      return Interpreter.with(below(), () -> Tape.pause(() -> tensor.mul(0).sum().item() == 0));
    }
  }

  private String describe(List<Tensor> in) {
    StringBuilder text = new StringBuilder();
    for (Tensor tensor : in) {
      text.append(text.isEmpty() ? "" : ", ")
          .append(tensor.origin())
          .append(' ')
          .append(tensor.spec())
          .append(finite(tensor) ? " (finite)" : " (already not finite)");
    }
    return text.toString();
  }
}
