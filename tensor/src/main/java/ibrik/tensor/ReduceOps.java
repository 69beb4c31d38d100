package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Reduce;
import java.util.List;
import java.util.stream.IntStream;

/// Reducing methods of [Tensor]. Rules: [Reduce].
public sealed interface ReduceOps permits Tensor {
  private Tensor reduce(Reduce op) {
    return Interpreter.current().apply1(op, List.of((Tensor) this));
  }

  private List<Integer> allAxes() {
    return IntStream.range(0, ((Tensor) this).rank()).boxed().toList();
  }

  /// Sum over `axes`.
  default Tensor sum(List<Integer> axes, boolean keepDims) {
    return reduce(new Reduce.Sum(axes, keepDims));
  }

  /// Sum of all elements, 0-d.
  default Tensor sum() {
    return sum(allAxes(), false);
  }

  /// Mean over `axes`.
  default Tensor mean(List<Integer> axes, boolean keepDims) {
    return reduce(new Reduce.Mean(axes, keepDims));
  }

  /// Mean of all elements, 0-d.
  default Tensor mean() {
    return mean(allAxes(), false);
  }

  /// Largest element over `axes`.
  default Tensor max(List<Integer> axes, boolean keepDims) {
    return reduce(new Reduce.Max(axes, keepDims));
  }

  /// Largest of all elements, 0-d.
  default Tensor max() {
    return max(allAxes(), false);
  }

  /// Smallest element over `axes`.
  default Tensor min(List<Integer> axes, boolean keepDims) {
    return reduce(new Reduce.Min(axes, keepDims));
  }

  /// Smallest of all elements, 0-d.
  default Tensor min() {
    return min(allAxes(), false);
  }

  /// Index (i32) of the first largest element along `axis`, which is dropped.
  default Tensor argMax(int axis) {
    return reduce(new Reduce.ArgMax(axis, false));
  }
}
