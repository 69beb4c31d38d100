package ibrik.tensor.op;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import java.util.List;

/// Tensors from nothing. The device is an attribute, for there is no input to take it from.
public sealed interface Create extends Op {
  /// Where the result is made.
  Device device();

  /// Every element is `value`.
  record Fill(TensorSpec spec, double value, Device device) implements Create {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in).done();
      return List.of(spec);
    }
  }

  /// `0, 1, ..., n-1`.
  record Iota(long n, DType dtype, Device device) implements Create {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in)
          .rule(n >= 0, "n must not be negative; n is " + n)
          .rule(dtype != DType.BOOL && dtype != DType.B1, "dtype must be a number type")
          .done();
      return List.of(new TensorSpec(dtype, Shape.of(n)));
    }
  }
}
