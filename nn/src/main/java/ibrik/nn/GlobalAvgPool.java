package ibrik.nn;

import ibrik.tensor.Tensor;

/// The mean over the image: `[N,H,W,C]` to `[N,C]`.
public final class GlobalAvgPool extends Module {
  /// Without parameters.
  public GlobalAvgPool(Build build) {
    super(build);
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.globalAvgPool2d();
  }
}
