package ibrik.autograd;

import static ibrik.autograd.Rules.apply;
import static ibrik.autograd.Rules.list;

import ibrik.tensor.Tensor;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Redundancy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Redundancy]: fused ops whose own derivatives go through their compositions.
final class RedundancyVjp {
  private RedundancyVjp() {}

  static List<@Nullable Tensor> vjp(Redundancy op, Pull pull) {
    return switch (op) {
      case Redundancy.BarlowTwins(double lambda, double eps) -> {
        List<Tensor> in = List.of(pull.in(0), pull.in(1), pull.ct());
        List<Tensor> both =
            Interpreter.current().apply(new Redundancy.BarlowTwinsBackward(lambda, eps), in);
        yield list(both.get(0), both.get(1));
      }
      case Redundancy.VicregVariance(double target, double eps) ->
          list(apply(new Redundancy.VicregVarianceBackward(target, eps), pull.in(0), pull.ct()));
      case Redundancy.VicregCovariance() ->
          list(apply(new Redundancy.VicregCovarianceBackward(), pull.in(0), pull.ct()));
      case Redundancy.BarlowTwinsBackward backward ->
          Rules.throughComposition(backward, backward, pull);
      case Redundancy.VicregVarianceBackward backward ->
          Rules.throughComposition(backward, backward, pull);
      case Redundancy.VicregCovarianceBackward backward ->
          Rules.throughComposition(backward, backward, pull);
    };
  }
}
