package ibrik.nn;

import ibrik.nn.init.Init;
import ibrik.tensor.Tensor;

/// Layer normalisation over the last axis, `[*,C]`, with learnt scale and shift that start at 1 and
/// 0. Train and eval mode do the same. The result is of the parameters' type: x in bf16 is widened.
///
/// **Math** `y = (x - mean) / sqrt(variance + 1e-6) * gamma + beta`, row by row.
///
/// **Source** Ba et al. 2016, arXiv:1607.06450.
public final class LayerNorm extends Module {
  /// The guard that is usual in vision transformers.
  private static final double EPS = 1e-6;

  private final int width;
  private final Parameter gamma;
  private final Parameter beta;

  /// For rows of `width` numbers.
  public LayerNorm(Build build, int width) {
    super(build);
    Sizes.positive("layer_norm", "width", width);
    this.width = width;
    gamma = parameter("gamma", Parameter.Role.NORM_SCALE, Init.constant(1), width);
    beta = parameter("beta", Parameter.Role.NORM_SHIFT, Init.constant(0), width);
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.as(x.dtype().wide()).layerNorm(gamma.value(), beta.value(), EPS);
  }

  @Override
  protected String detail() {
    return Integer.toString(width);
  }
}
