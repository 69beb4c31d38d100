package ibrik.nn.optim;

import ibrik.nn.Module;
import ibrik.nn.Parameter;
import ibrik.tensor.Tensor;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Update;
import java.util.ArrayList;
import java.util.List;

/// Moves the parameters of target modules toward those of online modules:
/// `target <- tau target + (1 - tau) online`. Buffers such as running statistics are left alone: a
/// target in train mode keeps its own (Grill et al. 2020).
public final class Ema {
  private final List<Tensor> targets = new ArrayList<>();
  private final List<Tensor> sources = new ArrayList<>();
  private final Variable tau;

  /// An average with rate `tau`, 0-d.
  public Ema(Variable tau) {
    this.tau = tau;
  }

  /// Pairs the parameters of two modules of one shape.
  public Ema add(Module target, Module online) {
    List<Parameter> to = target.parameters();
    List<Parameter> from = online.parameters();
    if (to.size() != from.size()) {
      throw new IllegalArgumentException(
          "[ema] modules must have one number of parameters; got " + to.size() + " and "
              + from.size());
    }
    for (int i = 0; i < to.size(); i++) {
      targets.add(to.get(i).value());
      sources.add(from.get(i).value());
    }
    return this;
  }

  /// One move. Runs outside a tape.
  public void step() {
    List<Tensor> in = new ArrayList<>(targets);
    in.addAll(sources);
    in.add(tau.value());
    Interpreter.current().apply(new Update.Ema(targets.size()), in);
  }
}
