package ibrik.nn;

import ibrik.tensor.Tensor;

/// Its argument, unchanged: stands where another network has a layer.
public final class Identity extends Module {
  /// Without parameters.
  public Identity(Build build) {
    super(build);
  }

  @Override
  public Tensor forward(Tensor x) {
    return x;
  }
}
