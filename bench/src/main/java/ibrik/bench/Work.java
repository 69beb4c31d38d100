package ibrik.bench;

import ibrik.tensor.TensorSpec;
import ibrik.tensor.exec.Cost;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Op;
import java.util.List;

/// What one run of an op has to do at least, whatever the kernel.
///
/// @param flops multiplications and additions of the definition; a zero that padding adds counts as
///   a number, so an implementation that skips it may seem to exceed the peak a little
/// @param bytes every input read once and every output written once
public record Work(long flops, long bytes) {
  /// The work of `op` on inputs of these types and shapes, by the formulas of [Cost]:
  ///
  /// | op | flops |
  /// |---|---|
  /// | `mat_mul` | 2 B M N K, with B the product of the batch axes |
  /// | `conv2d`, `conv2d_backward_data`, `conv2d_backward_weight` | 2 N P Q K R S C/groups |
  ///
  /// @throws IllegalArgumentException for an op that is not in the table
  public static Work of(Op op, List<TensorSpec> in) {
    if (!(op instanceof Linear)) {
      throw new IllegalArgumentException(
          "[" + op.tag() + "] has no formula for its work; add a row to Work.of");
    }
    Cost cost = Cost.of(op, in, op.infer(in));
    return new Work(cost.flops(), cost.bytes());
  }

  /// Operations per byte: below the machine's ratio of both the memory is the limit.
  public double intensity() {
    return (double) flops / bytes;
  }
}
