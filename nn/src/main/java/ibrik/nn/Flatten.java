package ibrik.nn;

import ibrik.tensor.Tensor;

/// All axes but the first as one: `[N,...]` to `[N,K]`.
public final class Flatten extends Module {
  /// Without parameters.
  public Flatten(Build build) {
    super(build);
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.reshape(x.dim(0), x.shape().elemsAfter(0));
  }
}
