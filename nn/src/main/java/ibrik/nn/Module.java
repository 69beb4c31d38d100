package ibrik.nn;

import ibrik.nn.init.Init;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A function with parameters. Children, parameters and buffers are registered in the constructor,
/// in the order in which they are listed and saved; names are dotted paths such as
/// `layer1.0.conv1.weight`. A module owns its variables: close it to free them.
public abstract class Module implements AutoCloseable {
  private final Build build;
  private final Map<String, Module> children = new LinkedHashMap<>();
  private final List<Parameter> parameters = new ArrayList<>();
  private final List<Variable> buffers = new ArrayList<>();
  private boolean training = true;

  /// A module whose variables are made as `build` says.
  protected Module(Build build) {
    this.build = build;
  }

  /// Applies the module.
  public abstract Tensor forward(Tensor x);

  /// How this module makes its variables.
  protected final Build build() {
    return build;
  }

  /// Registers `child`, which must have been built with `build().child(name)`.
  protected final <M extends Module> M child(String name, M child) {
    if (children.putIfAbsent(name, child) != null) {
      throw new IllegalArgumentException("[module] child name is taken: " + name);
    }
    return child;
  }

  /// Makes and registers a parameter.
  protected final Parameter parameter(
      String name, Parameter.Role role, Init init, long... dims) {
    String full = build.child(name).path();
    try (TensorScope _ = TensorScope.open()) {
      TensorSpec spec = new TensorSpec(build.dtype(), Shape.of(dims));
      Tensor start = init.make(spec, build.seed(), full, build.device());
      Parameter parameter = new Parameter(Variable.of(full, start), role);
      parameters.add(parameter);
      return parameter;
    }
  }

  /// Makes and registers a variable that is saved but not trained.
  protected final Variable buffer(String name, double value, long... dims) {
    String full = build.child(name).path();
    try (TensorScope _ = TensorScope.open()) {
      TensorSpec spec = new TensorSpec(build.dtype(), Shape.of(dims));
      Tensor start = Init.constant(value).make(spec, build.seed(), full, build.device());
      Variable variable = Variable.of(full, start);
      buffers.add(variable);
      return variable;
    }
  }

  /// All parameters of this module and its children, in order.
  public final List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>(parameters);
    children.values().forEach(child -> all.addAll(child.parameters()));
    return all;
  }

  /// All buffers, in order.
  public final List<Variable> buffers() {
    List<Variable> all = new ArrayList<>(buffers);
    children.values().forEach(child -> all.addAll(child.buffers()));
    return all;
  }

  /// Parameters and buffers by name, in order: what a checkpoint holds.
  public final Map<String, Variable> stateDict() {
    Map<String, Variable> state = new LinkedHashMap<>();
    parameters().forEach(p -> state.put(p.name(), p.variable()));
    buffers().forEach(b -> state.put(b.name(), b));
    return state;
  }

  /// Number of trained numbers.
  public final long parameterCount() {
    return parameters().stream().mapToLong(p -> p.variable().spec().elems()).sum();
  }

  /// Copies the numbers of `other`, which has the same names and shapes apart from the root path.
  ///
  /// @throws IllegalArgumentException naming the first variable that differs
  public final void copyStateFrom(Module other) {
    List<Variable> mine = List.copyOf(stateDict().values());
    List<Variable> theirs = List.copyOf(other.stateDict().values());
    if (mine.size() != theirs.size()) {
      throw new IllegalArgumentException(
          "[module] states must have one size; got " + mine.size() + " and " + theirs.size());
    }
    for (int i = 0; i < mine.size(); i++) {
      if (!mine.get(i).spec().equals(theirs.get(i).spec())) {
        throw new IllegalArgumentException(
            "[module] states must agree; got " + mine.get(i).name() + ": " + mine.get(i).spec()
                + " and " + theirs.get(i).name() + ": " + theirs.get(i).spec());
      }
      mine.get(i).set(theirs.get(i).value());
    }
  }

  /// Batch statistics in normalisations; they move the running ones.
  public final Module train() {
    return mode(true);
  }

  /// Running statistics in normalisations.
  public final Module eval() {
    return mode(false);
  }

  private Module mode(boolean train) {
    training = train;
    children.values().forEach(child -> child.mode(train));
    return this;
  }

  /// Whether in [#train()] mode.
  public final boolean training() {
    return training;
  }

  @Override
  public void close() {
    parameters.forEach(p -> p.variable().close());
    buffers.forEach(Variable::close);
    children.values().forEach(Module::close);
  }

  /// What stands in the tree behind the class name: sizes and options.
  protected String detail() {
    return "";
  }

  /// The tree with shapes and parameter counts.
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    print(out, "", "");
    return out.toString().stripTrailing();
  }

  private void print(StringBuilder out, String indent, String name) {
    out.append(indent)
        .append(name.isEmpty() ? "" : name + ": ")
        .append(getClass().getSimpleName())
        .append(detail().isEmpty() ? "" : "(" + detail() + ")");
    long count = parameterCount();
    out.append(count == 0 ? "" : "  " + count + " parameters").append('\n');
    children.forEach((key, child) -> child.print(out, indent + "  ", key));
  }
}
