package ibrik.nn;

import ibrik.tensor.Tensor;

/// `x P(z <= x)` for a standard normal z, exact.
public final class Gelu extends Module {
  /// Without parameters.
  public Gelu(Build build) {
    super(build);
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.gelu();
  }
}
