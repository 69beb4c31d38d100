package ibrik.nn.optim;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import java.util.ArrayList;
import java.util.List;

/// Another optimiser that can be held: while `gate` is 0, a step changes neither parameters nor
/// moments nor counters, as if it had not been taken; no weight decay, no momentum. The gate is
/// read on the device, so that a captured step serves both. Owns the other one, not the gate.
public final class Gated extends Wrapper {
  private final Variable gate;

  /// @param gate 0-d: 0 holds, anything else lets pass
  public Gated(Optimizer inner, Variable gate) {
    super(inner);
    this.gate = gate;
  }

  @Override
  public void step(List<Tensor> gradients) {
    List<Variable> moved = new ArrayList<>(inner.state().values());
    inner.parameters().forEach(parameter -> moved.add(parameter.variable()));
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> old = moved.stream().map(variable -> variable.value().mul(1)).toList();
      inner.step(gradients);
      Tensor open = gate.value().abs().greater(gate.value().mul(0));
      for (int i = 0; i < old.size(); i++) {
        Tensor now = moved.get(i).value();
        moved.get(i).set(open.where(now, old.get(i)));
      }
    }
  }
}
