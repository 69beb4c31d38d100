package ibrik.autograd;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.IntegerOp;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [IntegerOp]: integers have none.
final class IntegerVjp {
  private IntegerVjp() {}

  static List<@Nullable Tensor> vjp(IntegerOp op, Pull pull) {
    return switch (op) {
      case IntegerOp.IntMatMul _,
          IntegerOp.IntConv2d _,
          IntegerOp.Requantize _,
          IntegerOp.PackInt4 _,
          IntegerOp.UnpackInt4 _ ->
          pull.none();
    };
  }
}
