package ibrik.autograd;

import static ibrik.autograd.Rules.list;

import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.op.Reduce;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Reduce].
final class ReduceVjp {
  private ReduceVjp() {}

  static List<@Nullable Tensor> vjp(Reduce op, Pull pull) {
    Tensor x = pull.in(0);
    return switch (op) {
      // Each element counts once.
      case Reduce.Sum _ -> list(kept(op, pull.ct(), x).broadcastTo(x.shape()));
      // Each element counts 1/n.
      case Reduce.Mean _ -> {
        double count = (double) x.elems() / Math.max(pull.out(0).elems(), 1);
        yield list(kept(op, pull.ct().mul(1 / count), x).broadcastTo(x.shape()));
      }
      // Shared evenly among the elements equal to the extreme.
      case Reduce.Max _, Reduce.Min _ -> {
        Tensor winners = x.equal(kept(op, pull.out(0), x)).cast(x.dtype());
        Tensor count = winners.sum(op.axes(), true);
        yield list(winners.mul(kept(op, pull.ct(), x).div(count)));
      }
      case Reduce.ArgMax _ -> pull.none();
    };
  }

  /// The reduced tensor with its axes back as extents of 1.
  private static Tensor kept(Reduce op, Tensor reduced, Tensor x) {
    Shape shape = x.shape();
    for (int axis : op.axes()) {
      shape = shape.with(x.shape().axis(axis), 1);
    }
    return reduced.reshape(shape);
  }
}
