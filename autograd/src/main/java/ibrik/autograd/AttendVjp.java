package ibrik.autograd;

import ibrik.tensor.Tensor;
import ibrik.tensor.Tensors;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Attend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Attend].
final class AttendVjp {
  private AttendVjp() {}

  static List<@Nullable Tensor> vjp(Attend op, Pull pull) {
    return switch (op) {
      case Attend.Attention(double scale) -> attention(scale, pull);
      case Attend.AttentionBackward backward -> Rules.throughComposition(backward, backward, pull);
    };
  }

  /// Both outputs meet in the rows' slopes (only second derivatives come through the logarithms).
  private static List<@Nullable Tensor> attention(double scale, Pull pull) {
    Tensor y = pull.out(0);
    Tensor dy = pull.ctOrNull(0);
    Tensor dlse = pull.ctOrNull(1);
    Tensor slope = dy == null ? null : dy.mul(y).sum(List.of(-1), false);
    if (dlse != null) {
      slope = slope == null ? dlse.neg() : slope.sub(dlse);
    }
    List<@Nullable Tensor> result = pull.none();
    if (slope != null) {
      List<Tensor> all =
          Interpreter.current()
              .apply(
                  new Attend.AttentionBackward(scale),
                  List.of(
                      pull.in(0),
                      pull.in(1),
                      pull.in(2),
                      pull.out(1),
                      dy == null ? Tensors.zerosLike(y) : dy,
                      slope));
      for (int i = 0; i < 3; i++) {
        result.set(i, all.get(i));
      }
    }
    return result;
  }
}
