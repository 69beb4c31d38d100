package ibrik.autograd;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Transport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Transport]: assignments are constants.
final class TransportVjp {
  private TransportVjp() {}

  static List<@Nullable Tensor> vjp(Transport op, Pull pull) {
    return switch (op) {
      case Transport.SinkhornKnopp _ -> pull.none();
    };
  }
}
