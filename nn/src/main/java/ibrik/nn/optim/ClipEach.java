package ibrik.nn.optim;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;

/// Another optimiser behind a bound on the gradient of each parameter: `g <- g min(1, norm / (|g| +
/// 1e-6))`, parameter by parameter, not over all of them at once (the official code of DINO). Owns
/// the other one.
public final class ClipEach extends Wrapper {
  private static final double EPS = 1e-6;

  private final double norm;

  /// @param norm longest gradient, Euclidean, above 0
  public ClipEach(Optimizer inner, double norm) {
    super(inner);
    if (!(norm > 0) || Double.isInfinite(norm)) {
      throw new IllegalArgumentException("[clip_each] norm must be a number above 0; got " + norm);
    }
    this.norm = norm;
  }

  @Override
  public void step(List<Tensor> gradients) {
    try (TensorScope _ = TensorScope.open()) {
      inner.step(gradients.stream().map(this::clip).toList());
    }
  }

  private Tensor clip(Tensor gradient) {
    Tensor length = gradient.square().sum().sqrt();
    return gradient.mul(length.add(EPS).reciprocal().mul(norm).clamp(0, 1));
  }
}
