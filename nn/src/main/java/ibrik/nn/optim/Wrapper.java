package ibrik.nn.optim;

import ibrik.nn.Parameter;
import ibrik.tensor.Variable;
import java.util.List;
import java.util.Map;

/// An optimiser around another one: same parameters, same state. Owns the other one.
abstract sealed class Wrapper implements Optimizer
    permits ClipEach, ClipNorm, Gated, ScheduledDecay {
  final Optimizer inner;

  Wrapper(Optimizer inner) {
    this.inner = inner;
  }

  @Override
  public final List<Parameter> parameters() {
    return inner.parameters();
  }

  @Override
  public final Map<String, Variable> state() {
    return inner.state();
  }

  @Override
  public final void close() {
    inner.close();
  }
}
