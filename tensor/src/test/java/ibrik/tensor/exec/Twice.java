package ibrik.tensor.exec;

import ibrik.tensor.Device;
import ibrik.tensor.Elements;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.CustomOp;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An op from outside with a kernel and, so that a test sees which one ran, a wrong composition.
record Twice() implements CustomOp {
  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    return in;
  }

  @Override
  public List<Tensor> compose(List<Tensor> in) {
    return List.of(in.getFirst().neg());
  }

  @Override
  public List<@Nullable Tensor> vjp(
      List<Tensor> in, List<Tensor> out, List<@Nullable Tensor> cotangents) {
    throw new UnsupportedOperationException("no gradient");
  }

  @Override
  public Kernel kernel(Device device, List<TensorSpec> in) {
    return (x, y) -> {
      for (long i = 0; i < x.getFirst().elems(); i++) {
        double value = Elements.get(x.getFirst().data(), x.getFirst().dtype(), i);
        Elements.set(y.getFirst().data(), y.getFirst().dtype(), i, 2 * value);
      }
    };
  }
}
