package ibrik.nn.optim;

import ibrik.nn.Parameter;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Update;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Adam with decoupled weight decay. Rules: [Update.AdamW].
public final class AdamW implements Optimizer {
  private final List<Parameter> parameters;
  private final Moments first;
  private final Moments second;
  private final Variable step;
  private final Variable lr;
  private final Update.AdamW op;

  /// @param lr learning rate, 0-d
  /// @param beta1 decay of the first moment
  /// @param beta2 decay of the second moment
  /// @param eps added to the root of the second moment
  /// @param decay weight decay per role
  public AdamW(
      List<Parameter> parameters,
      Variable lr,
      double beta1,
      double beta2,
      double eps,
      WeightDecay decay) {
    this.op =
        new Update.AdamW(
            beta1, beta2, eps, parameters.stream().map(p -> decay.of(p.role())).toList());
    this.parameters = List.copyOf(parameters);
    this.lr = lr;
    this.first = new Moments("first_moment", parameters);
    this.second = new Moments("second_moment", parameters);
    this.step = Variable.scalar("adam_step", 0, lr.value().device());
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public void step(List<Tensor> gradients) {
    List<Tensor> in = Moments.inputs(parameters, gradients);
    try (TensorScope _ = TensorScope.open()) {
      step.set(step.value().add(1));
    }
    in.addAll(first.values());
    in.addAll(second.values());
    in.add(lr.value());
    in.add(step.value());
    Interpreter.current().apply(op, in);
  }

  @Override
  public Map<String, Variable> state() {
    Map<String, Variable> state = new LinkedHashMap<>();
    first.addTo(state);
    second.addTo(state);
    state.put(step.name(), step);
    return state;
  }

  @Override
  public void close() {
    first.close();
    second.close();
    step.close();
  }
}
