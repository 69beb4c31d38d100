package ibrik.nn.optim;

import ibrik.nn.Parameter;
import ibrik.tensor.Tensor;
import ibrik.tensor.Variable;
import java.util.List;
import java.util.Map;

/// Changes parameters in place from their gradients. The learning rate is a 0-d variable that
/// somebody else moves. Owns its moments: close it to free them.
public interface Optimizer extends AutoCloseable {
  /// The parameters, in the order in which gradients are given.
  List<Parameter> parameters();

  /// One step. `gradients` belong to [#parameters()], one each. Runs outside a tape.
  void step(List<Tensor> gradients);

  /// Moments and counters by name: what a checkpoint holds.
  Map<String, Variable> state();

  @Override
  void close();
}
