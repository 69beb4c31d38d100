package ibrik.nn.optim;

import ibrik.nn.Parameter;
import ibrik.tensor.Tensor;
import ibrik.tensor.Variable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One zero-initialised variable per parameter, named `momentum.layer1.0.conv1.weight`.
final class Moments implements AutoCloseable {
  private final List<Variable> variables = new ArrayList<>();

  Moments(String name, List<Parameter> parameters) {
    Set<String> names = new HashSet<>();
    for (Parameter p : parameters) {
      if (!names.add(p.name())) {
        close();
        throw new IllegalArgumentException(
            "[optimizer] parameter names must differ; got "
                + p.name()
                + " twice; build each module with build.child(...)");
      }
      variables.add(Variable.zeros(name + "." + p.name(), p.variable().spec(), p.value().device()));
    }
  }

  List<Tensor> values() {
    return variables.stream().map(Variable::value).toList();
  }

  void addTo(Map<String, Variable> state) {
    variables.forEach(v -> state.put(v.name(), v));
  }

  @Override
  public void close() {
    variables.forEach(Variable::close);
  }

  /// Parameters, then gradients: how update ops start their inputs.
  static List<Tensor> inputs(List<Parameter> parameters, List<Tensor> gradients) {
    if (parameters.size() != gradients.size()) {
      throw new IllegalArgumentException(
          "[optimizer] needs one gradient per parameter; got "
              + gradients.size()
              + " for "
              + parameters.size());
    }
    List<Tensor> in = new ArrayList<>();
    parameters.forEach(p -> in.add(p.value()));
    in.addAll(gradients);
    return in;
  }
}
