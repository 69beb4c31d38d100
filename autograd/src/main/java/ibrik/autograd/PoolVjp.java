package ibrik.autograd;

import static ibrik.autograd.Rules.apply;
import static ibrik.autograd.Rules.list;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Pool;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Pool].
final class PoolVjp {
  private PoolVjp() {}

  static List<@Nullable Tensor> vjp(Pool op, Pull pull) {
    Tensor ct = pull.ctOrNull(0);
    if (ct == null) {
      return pull.none();
    }
    return switch (op) {
      // Only the winner of each window sees the cotangent.
      case Pool.MaxPool2d _ ->
          list(
              apply(
                  new Pool.MaxPool2dBackward(pull.in(0).dim(1), pull.in(0).dim(2)),
                  ct,
                  pull.out(1)));
      // Scatter and gather are each other's transpose.
      case Pool.MaxPool2dBackward _ ->
          list(apply(new Pool.MaxPool2dGather(), ct, pull.in(1)), null);
      case Pool.MaxPool2dGather _ ->
          list(
              apply(
                  new Pool.MaxPool2dBackward(pull.in(0).dim(1), pull.in(0).dim(2)), ct, pull.in(1)),
              null);
      case Pool.AvgPool2d(int rows, int columns, var g) ->
          list(
              apply(
                  new Pool.AvgPool2dBackward(
                      rows, columns, g, pull.in(0).dim(1), pull.in(0).dim(2)),
                  ct));
      case Pool.AvgPool2dBackward(int rows, int columns, var g, _, _) ->
          list(apply(new Pool.AvgPool2d(rows, columns, g), ct));
    };
  }
}
