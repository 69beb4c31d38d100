package ibrik.tensor.exec;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Op;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Supplier;

/// The one seam: every op goes through [#apply]. [Eval] at the bottom computes, or a tracer writes
/// down what a [Program] will do; layers above record (tape), guard, profile or step, and pass the
/// op on to the interpreter below them.
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

  /// Makes a tensor of the numbers in `source`, which holds exactly the dense elements of `spec`.
  /// Owned by the innermost tensor scope.
  default Tensor upload(MemorySegment source, TensorSpec spec, Device device) {
    return Tensor.copied(source, spec, device);
  }

  /// Told before the host reads or writes numbers other than by an op; `access` is what it calls.
  /// Free where ops compute at once. A step that is only being traced refuses: its numbers are not
  /// there yet, and what Java made of older ones would be frozen into every replay.
  ///
  /// @throws IllegalStateException if refused, naming the line of the caller
  default void hostAccess(String access, TensorSpec spec) {}

  /// The interpreter bound to this scope of code; [Eval] where none is.
  static Interpreter current() {
    return CurrentInterpreter.get();
  }

  /// Runs `body` with `layer` as the current interpreter.
  static <T> T with(Interpreter layer, Supplier<T> body) {
    return CurrentInterpreter.with(layer, body);
  }
}
