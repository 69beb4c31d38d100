package ibrik.nn.optim;

import ibrik.nn.Parameter;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import java.util.List;

/// Another optimiser with decoupled weight decay that follows the step: before its own step, `p <-
/// p (1 - lr decay growth)`. The growth is read on the device, so that a captured step serves all
/// steps. The decay of the optimiser itself should be 0. Owns the other one, not lr and growth.
///
/// **Source** Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2; its growth along a cosine:
/// the official code of DINO.
public final class ScheduledDecay extends Wrapper {
  private final WeightDecay decay;
  private final Variable growth;
  private final Variable lr;

  /// @param decay weight decay per role where the growth is 1
  /// @param growth factor on the decay, 0-d
  /// @param lr learning rate, 0-d
  public ScheduledDecay(Optimizer inner, WeightDecay decay, Variable growth, Variable lr) {
    super(inner);
    this.decay = decay;
    this.growth = growth;
    this.lr = lr;
  }

  @Override
  public void step(List<Tensor> gradients) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor rate = lr.value().mul(growth.value());
      for (Parameter parameter : parameters()) {
        double amount = decay.of(parameter.role());
        if (amount > 0) {
          Variable p = parameter.variable();
          p.set(p.value().mul(rate.mul(-amount).add(1).cast(p.value().dtype())));
        }
      }
    }
    inner.step(gradients);
  }
}
