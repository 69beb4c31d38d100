package ibrik.nn;

import ibrik.tensor.Tensor;

/// `max(x, 0)`.
public final class Relu extends Module {
  /// Without parameters.
  public Relu(Build build) {
    super(build);
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.relu();
  }
}
