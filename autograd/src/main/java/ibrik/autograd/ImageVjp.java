package ibrik.autograd;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.ImageOp;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [ImageOp]: neither bytes nor what was drawn have any.
final class ImageVjp {
  private ImageVjp() {}

  static List<@Nullable Tensor> vjp(ImageOp op, Pull pull) {
    return switch (op) {
      case ImageOp.Augment _ -> pull.none();
    };
  }
}
