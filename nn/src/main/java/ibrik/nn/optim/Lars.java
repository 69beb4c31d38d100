package ibrik.nn.optim;

import ibrik.nn.Parameter;
import ibrik.tensor.Tensor;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Update;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Layer-wise adaptive rate scaling; biases and norms are neither decayed nor scaled. Rules:
/// [Update.Lars].
public final class Lars implements Optimizer {
  private final List<Parameter> parameters;
  private final Moments moments;
  private final Variable lr;
  private final Update.Lars op;

  /// @param lr learning rate, 0-d
  /// @param momentum in `[0, 1)`
  /// @param eta trust coefficient
  /// @param clip bound the rate by that of plain SGD
  /// @param decay weight decay of weights
  public Lars(
      List<Parameter> parameters,
      Variable lr,
      double momentum,
      double eta,
      boolean clip,
      WeightDecay decay) {
    this.op =
        new Update.Lars(
            momentum,
            eta,
            clip,
            parameters.stream().map(p -> decay.of(p.role())).toList(),
            parameters.stream().map(p -> p.role() == Parameter.Role.WEIGHT).toList());
    this.parameters = List.copyOf(parameters);
    this.lr = lr;
    this.moments = new Moments("momentum", parameters);
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public void step(List<Tensor> gradients) {
    List<Tensor> in = Moments.inputs(parameters, gradients);
    in.addAll(moments.values());
    in.add(lr.value());
    Interpreter.current().apply(op, in);
  }

  @Override
  public Map<String, Variable> state() {
    Map<String, Variable> state = new LinkedHashMap<>();
    moments.addTo(state);
    return state;
  }

  @Override
  public void close() {
    moments.close();
  }
}
