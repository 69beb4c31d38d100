package ibrik.nn;

import ibrik.autograd.Tape;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.Variable;
import java.util.Arrays;

/// Stochastic depth: in train mode each sample of `[N,*]` is dropped (set to 0) with probability
/// `rate`, and the others are divided by `1 - rate`; in eval mode nothing happens. For the branch
/// of a residual block.
///
/// Draws come from a counter that is a saved buffer and moves with each forward pass: a run can be
/// repeated and resumed, and a replayed program drops anew.
///
/// **Source** Huang et al. 2016, arXiv:1603.09382.
public final class DropPath extends Module {
  private final double rate;
  private final Variable key;

  /// @param rate probability of dropping, in [0, 1)
  public DropPath(Build build, double rate) {
    super(build);
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("[drop_path] rate must be in [0, 1); got " + rate);
    }
    this.rate = rate;
    key = randomKey("key");
  }

  @Override
  public Tensor forward(Tensor x) {
    if (!training() || rate == 0) {
      return x;
    }
    long[] dims = new long[x.rank()];
    Arrays.fill(dims, 1);
    dims[0] = x.dim(0);
    TensorSpec samples = new TensorSpec(x.dtype(), Shape.of(dims));
    return x.mul(Tape.pause(() -> draw(samples)));
  }

  /// 0 or `1 / (1 - rate)` per sample; the counter moves on by `(seed, stream) + (0, 1)`.
  private Tensor draw(TensorSpec samples) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor kept = Tensors.bernoulli(samples, 1 - rate, key.value()).mul(1 / (1 - rate));
      key.set(key.value().add(Tensors.iota(2, DType.I64, key.value().device())));
      return scope.keep(kept);
    }
  }

  @Override
  protected String detail() {
    return Double.toString(rate);
  }
}
