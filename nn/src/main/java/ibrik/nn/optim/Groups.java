package ibrik.nn.optim;

import ibrik.nn.Parameter;
import ibrik.tensor.Tensor;
import ibrik.tensor.Variable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Several optimisers as one: groups of parameters with their own learning rates or rules, such as
/// a predictor that learns ten times faster. Owns its groups.
public final class Groups implements Optimizer {
  private final List<Optimizer> groups;
  private final List<Parameter> parameters;

  /// The groups in the order in which gradients are given.
  ///
  /// @throws IllegalArgumentException if a parameter is in two groups
  public Groups(List<Optimizer> groups) {
    this.groups = List.copyOf(groups);
    this.parameters = groups.stream().flatMap(g -> g.parameters().stream()).toList();
    if (parameters.stream().map(Parameter::name).distinct().count() != parameters.size()) {
      throw new IllegalArgumentException(
          "[optimizer] each parameter belongs to one group; got "
              + parameters.stream().map(Parameter::name).toList());
    }
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public void step(List<Tensor> gradients) {
    if (gradients.size() != parameters.size()) {
      throw new IllegalArgumentException(
          "[optimizer] needs one gradient per parameter; got "
              + gradients.size()
              + " for "
              + parameters.size());
    }
    int at = 0;
    for (Optimizer group : groups) {
      int end = at + group.parameters().size();
      group.step(gradients.subList(at, end));
      at = end;
    }
  }

  @Override
  public Map<String, Variable> state() {
    Map<String, Variable> state = new LinkedHashMap<>();
    for (int i = 0; i < groups.size(); i++) {
      String prefix = "group" + i + ".";
      groups.get(i).state().forEach((name, variable) -> state.put(prefix + name, variable));
    }
    return state;
  }

  @Override
  public void close() {
    groups.forEach(Optimizer::close);
  }
}
