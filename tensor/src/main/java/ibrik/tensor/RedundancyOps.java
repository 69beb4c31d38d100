package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Redundancy;
import java.util.List;

/// Losses on batch statistics of [Tensor], one value per dimension. Rules: [Redundancy].
public sealed interface RedundancyOps permits Tensor {
  /// Rows of the Barlow Twins loss of two views `[B,D]`: `[D]`, to be summed.
  default Tensor barlowTwins(Tensor other, double lambda, double eps) {
    return Interpreter.current()
        .apply1(new Redundancy.BarlowTwins(lambda, eps), List.of((Tensor) this, other));
  }

  /// VICReg's hinge on the standard deviation of each dimension of `[B,D]`: `[D]`.
  default Tensor vicregVariance(double target, double eps) {
    return Interpreter.current()
        .apply1(new Redundancy.VicregVariance(target, eps), List.of((Tensor) this));
  }

  /// VICReg's squared covariances of each dimension of `[B,D]` with the others: `[D]`.
  default Tensor vicregCovariance() {
    return Interpreter.current().apply1(new Redundancy.VicregCovariance(), List.of((Tensor) this));
  }
}
