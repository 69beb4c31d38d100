package ibrik.nn;

import ibrik.tensor.Tensor;

/// The mean over the image: `[N,H,W,C]` to `[N,C]`; of bf16 in f32, for features are f32.
public final class GlobalAvgPool extends Module {
  /// Without parameters.
  public GlobalAvgPool(Build build) {
    super(build);
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.as(x.dtype().wide()).globalAvgPool2d();
  }
}
