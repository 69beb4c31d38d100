package ibrik.tensor.reference;

import ibrik.tensor.Elements;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Create;

/// Scalar meaning of [Create].
final class CreateReference {
  private CreateReference() {}

  static Kernel kernel(Create op) {
    return (_, outs) -> {
      Tensor out = outs.getFirst();
      for (long i = 0; i < out.elems(); i++) {
        double value =
            switch (op) {
              case Create.Fill fill -> fill.value();
              case Create.Iota _ -> (double) i;
            };
        Elements.set(out.data(), out.dtype(), i, value);
      }
    };
  }
}
