package ibrik.tensor.op;

import ibrik.tensor.Tensor;
import java.util.List;

/// An op defined in terms of smaller ones. The composition is its meaning: the oracle of its
/// kernels, the fallback of backends without one, and the source of higher derivatives.
public interface Composite {
  /// The outputs, computed by other ops.
  List<Tensor> compose(List<Tensor> in);
}
