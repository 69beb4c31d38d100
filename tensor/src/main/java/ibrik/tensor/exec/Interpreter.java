package ibrik.tensor.exec;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Op;
import java.util.List;
import java.util.function.Supplier;

/// The one seam: every op goes through [#apply]. [Eval] at the bottom computes; layers above it
/// record (tape), guard, profile or step, and pass the op on to the interpreter below them.
///
/// The current interpreter is bound for the extent of a lambda by a [ScopedValue]. Plain threads do
/// not inherit it, so a data loader's thread never records.
public interface Interpreter {
  /// Runs `op` on `in` and returns its outputs, owned by the innermost tensor scope.
  ///
  /// @throws IllegalArgumentException if the op's rules on types and shapes are not met
  List<Tensor> apply(Op op, List<Tensor> in);

  /// [#apply] for an op with one output.
  default Tensor apply1(Op op, List<Tensor> in) {
    return apply(op, in).getFirst();
  }

  /// The interpreter bound to this scope of code; [Eval] where none is.
  static Interpreter current() {
    return CurrentInterpreter.get();
  }

  /// Runs `body` with `layer` as the current interpreter.
  static <T> T with(Interpreter layer, Supplier<T> body) {
    return CurrentInterpreter.with(layer, body);
  }
}
