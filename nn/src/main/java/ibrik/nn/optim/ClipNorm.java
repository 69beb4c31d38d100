package ibrik.nn.optim;

import ibrik.nn.Parameter;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Tensors;
import ibrik.tensor.Variable;
import java.util.List;
import java.util.Map;

/// Shortens gradients whose Euclidean length over all parameters is above a bound to that length,
/// then lets another optimiser step: `g <- g min(1, bound / sqrt(|g|^2 + 1e-24))`. Owns that
/// optimiser.
///
/// **Source** Pascanu et al. 2013, arXiv:1211.5063, algorithm 1.
public final class ClipNorm implements Optimizer {
  /// Keeps a gradient of zeros at zero.
  private static final double EPS = 1e-24;

  private final Optimizer inner;
  private final double bound;

  /// @param inner what steps with the shortened gradients
  /// @param bound above 0
  public ClipNorm(Optimizer inner, double bound) {
    if (!(bound > 0) || !Double.isFinite(bound)) {
      throw new IllegalArgumentException(
          "[clip_norm] bound must be a number above 0; got " + bound);
    }
    this.inner = inner;
    this.bound = bound;
  }

  @Override
  public List<Parameter> parameters() {
    return inner.parameters();
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

  @Override
  public Map<String, Variable> state() {
    return inner.state();
  }

  @Override
  public void close() {
    inner.close();
  }
}
