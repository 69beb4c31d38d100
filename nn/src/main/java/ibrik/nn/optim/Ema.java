package ibrik.nn.optim;

import ibrik.nn.Module;
import ibrik.tensor.Tensor;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Update;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Moves the parameters of target modules toward those of online modules: `target <- tau target +
/// (1 - tau) online`. Buffers such as running statistics are left alone: a target in train mode
/// keeps its own (Grill et al. 2020).
public final class Ema {
  private final List<Tensor> targets = new ArrayList<>();
  private final List<Tensor> sources = new ArrayList<>();
  private final Variable tau;

  /// An average with rate `tau`, 0-d.
  public Ema(Variable tau) {
    this.tau = tau;
  }

  /// Pairs the parameters of two modules of one form by their names within each.
  ///
  /// @throws IllegalArgumentException naming the first parameter that has no partner of its type
  ///   and shape
  public Ema add(Module target, Module online) {
    Map<String, Tensor> from = byName(online);
    Map<String, Tensor> to = byName(target);
    Set<String> all = new LinkedHashSet<>(to.keySet());
    all.addAll(from.keySet());
    for (String name : all) {
      Tensor t = to.get(name);
      Tensor s = from.get(name);
      if (t == null || s == null || !t.spec().equals(s.spec())) {
        throw new IllegalArgumentException(
            "[ema] target and online must have the same parameters; got "
                + name
                + ": "
                + (t == null ? "none" : t.spec())
                + " and "
                + (s == null ? "none" : s.spec()));
      }
    }
    for (Map.Entry<String, Tensor> pair : to.entrySet()) {
      targets.add(pair.getValue());
      sources.add(Objects.requireNonNull(from.get(pair.getKey())));
    }
    return this;
  }

  private static Map<String, Tensor> byName(Module module) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    module.parameters().forEach(p -> values.put(module.localName(p.variable()), p.value()));
    return values;
  }

  /// One move. Runs outside a tape.
  public void step() {
    List<Tensor> in = new ArrayList<>(targets);
    in.addAll(sources);
    in.add(tau.value());
    Interpreter.current().apply(new Update.Ema(targets.size()), in);
  }
}
