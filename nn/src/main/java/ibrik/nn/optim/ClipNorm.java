package ibrik.nn.optim;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Tensors;
import java.util.List;

/// Shortens gradients whose Euclidean length over all parameters is above a bound to that length,
/// then lets another optimiser step: `g <- g min(1, bound / sqrt(|g|^2 + 1e-24))`. Owns that
/// optimiser.
///
/// **Source** Pascanu et al. 2013, arXiv:1211.5063, algorithm 1.
public final class ClipNorm extends Wrapper {
  /// Keeps a gradient of zeros at zero.
  private static final double EPS = 1e-24;

  private final double bound;

  /// @param inner what steps with the shortened gradients
  /// @param bound above 0
  public ClipNorm(Optimizer inner, double bound) {
    super(inner);
    if (!(bound > 0) || !Double.isFinite(bound)) {
      throw new IllegalArgumentException(
          "[clip_norm] bound must be a number above 0; got " + bound);
    }
    this.bound = bound;
  }

  @Override
  public void step(List<Tensor> gradients) {
    if (gradients.isEmpty()) {
      inner.step(gradients);
      return;
    }
    try (TensorScope _ = TensorScope.open()) {
      Tensor squares =
          gradients.stream().map(g -> g.square().sum()).reduce(Tensor::add).orElseThrow();
      Tensor share = squares.add(EPS).rsqrt().mul(bound);
      Tensor factor = share.minimum(Tensors.onesLike(share));
      inner.step(gradients.stream().map(g -> g.mul(factor)).toList());
    }
  }
}
