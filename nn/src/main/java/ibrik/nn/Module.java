package ibrik.nn;

import ibrik.nn.init.Init;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// A function with parameters. Children, parameters and buffers are registered in the constructor,
/// in the order in which they are listed and saved; names are dotted paths such as
/// `layer1.0.conv1.weight`.
///
/// A module owns its variables: close it to free them. A constructor that fails frees what it made.
public abstract class Module implements AutoCloseable {
  /// Differences that an error message lists before it counts the rest.
  private static final int LISTED = 8;

  private final Build build;
  private final Set<String> names = new HashSet<>();
  private final Map<String, Module> children = new LinkedHashMap<>();
  private final List<Parameter> parameters = new ArrayList<>();
  private final List<Variable> buffers = new ArrayList<>();
  private final List<Variable> constants = new ArrayList<>();
  private boolean training = true;

  /// A module whose variables are made as `build` says.
  protected Module(Build build) {
    this.build = build;
  }

  /// Applies the module.
  public abstract Tensor forward(Tensor x);

  // ---- for constructors ----

  /// Registers the child that `maker` builds.
  ///
  /// @throws IllegalArgumentException if the name is empty, dotted or taken
  protected final <M extends Module> M child(String name, Function<Build, M> maker) {
    return register(
        name,
        () -> {
          M child = maker.apply(build.child(name));
          children.put(name, child);
          return child;
        });
  }

  /// Makes and registers a parameter.
  ///
  /// @throws IllegalArgumentException if the name is empty, dotted or taken
  protected final Parameter parameter(String name, Parameter.Role role, Init init, long... dims) {
    return register(
        name,
        () -> {
          Parameter parameter = new Parameter(variable(name, init, dims), role);
          parameters.add(parameter);
          return parameter;
        });
  }

  /// Makes and registers a variable that is saved but not trained.
  ///
  /// @throws IllegalArgumentException if the name is empty, dotted or taken
  protected final Variable buffer(String name, double value, long... dims) {
    return buffer(name, Init.constant(value), dims);
  }

  /// Makes and registers a variable that is saved but not trained, and starts as `init` says.
  ///
  /// @throws IllegalArgumentException if the name is empty, dotted or taken
  protected final Variable buffer(String name, Init init, long... dims) {
    return register(
        name,
        () -> {
          Variable buffer = variable(name, init, dims);
          buffers.add(buffer);
          return buffer;
        });
  }

  /// Makes and registers the saved key of a random stream of the module's own, i64 `[2]`.
  ///
  /// @throws IllegalArgumentException if the name is empty, dotted or taken
  protected final Variable randomKey(String name) {
    return register(
        name,
        () -> {
          String full = build.child(name).path();
          try (TensorScope _ = TensorScope.open()) {
            Variable key = Variable.of(full, Init.key(build.seed(), full, build.device()));
            buffers.add(key);
            return key;
          }
        });
  }

  /// Makes a variable that is neither trained nor saved: a number that a kernel reads.
  ///
  /// @throws IllegalArgumentException if the name is empty, dotted or taken
  protected final Variable constant(String name, double value, long... dims) {
    return constant(name, Init.constant(value), dims);
  }

  /// Makes a variable that is neither trained nor saved, and is as `init` says.
  ///
  /// @throws IllegalArgumentException if the name is empty, dotted or taken
  protected final Variable constant(String name, Init init, long... dims) {
    return register(
        name,
        () -> {
          Variable constant = variable(name, init, dims);
          constants.add(constant);
          return constant;
        });
  }

  private Variable variable(String name, Init init, long... dims) {
    String full = build.child(name).path();
    try (TensorScope _ = TensorScope.open()) {
      TensorSpec spec = new TensorSpec(build.dtype(), Shape.of(dims));
      return Variable.of(full, init.make(spec, build.seed(), full, build.device()));
    }
  }

  private <T> T register(String name, Supplier<T> maker) {
    try {
      if (name.isEmpty() || name.indexOf('.') >= 0 || !names.add(name)) {
        throw new IllegalArgumentException(
            "[module] names must be new and without dots; got '"
                + name
                + "' in '"
                + build.path()
                + "'");
      }
      return maker.get();
    } catch (RuntimeException | Error failed) {
      close();
      throw failed;
    }
  }

  // ---- state ----

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

  /// Parameters, then buffers, by full name, in order: what a checkpoint holds.
  public final Map<String, Variable> stateDict() {
    Map<String, Variable> state = new LinkedHashMap<>();
    parameters().forEach(p -> state.put(p.name(), p.variable()));
    buffers().forEach(b -> state.put(b.name(), b));
    return state;
  }

  /// Copies numbers from `state`, which has exactly the names, element types and shapes of
  /// [#stateDict()], on any device. Nothing changes unless everything fits.
  ///
  /// @throws IllegalArgumentException listing what is missing, unexpected or of another type or
  ///   shape
  public final void loadStateDict(Map<String, Tensor> state) {
    Map<String, Variable> own = stateDict();
    List<String> wrong = new ArrayList<>();
    own.forEach(
        (name, variable) -> {
          Tensor given = state.get(name);
          if (given == null) {
            wrong.add("missing " + name + ": " + variable.spec());
          } else if (!given.spec().equals(variable.spec())) {
            wrong.add(name + " must be " + variable.spec() + ", not " + given.spec());
          }
        });
    state.forEach(
        (name, given) -> {
          if (!own.containsKey(name)) {
            wrong.add("unexpected " + name + ": " + given.spec());
          }
        });
    if (!wrong.isEmpty()) {
      String rest = wrong.size() > LISTED ? "; and " + (wrong.size() - LISTED) + " more" : "";
      throw new IllegalArgumentException(
          "[module] state must fit "
              + getClass().getSimpleName()
              + "; got "
              + wrong.stream().limit(LISTED).collect(Collectors.joining("; "))
              + rest
              + "; use the model and options that the state was saved from");
    }
    own.forEach(
        (name, variable) -> {
          try (TensorScope _ = TensorScope.open()) {
            Tensor given = state.get(name);
            if (given != null) {
              variable.set(given.to(variable.value().device()));
            }
          }
        });
  }

  /// Copies parameters and buffers of `other`, a module of the same form; the paths of the two
  /// themselves may differ.
  ///
  /// @throws IllegalArgumentException listing what differs
  public final void copyStateFrom(Module other) {
    Map<String, Tensor> state = new LinkedHashMap<>();
    other
        .stateDict()
        .values()
        .forEach(v -> state.put(build.child(other.localName(v)).path(), v.value()));
    loadStateDict(state);
  }

  /// The name of a variable of this module as seen from here, without the module's own path.
  public final String localName(Variable variable) {
    return build.path().isEmpty()
        ? variable.name()
        : variable.name().substring(build.path().length() + 1);
  }

  /// Number of trained numbers.
  public final long parameterCount() {
    return parameters().stream().mapToLong(p -> p.variable().spec().elems()).sum();
  }

  // ---- mode ----

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

  /// Whether in [#train()] mode, as at first.
  public final boolean training() {
    return training;
  }

  /// Frees all variables of this module and its children. A second close does nothing.
  @Override
  public final void close() {
    parameters.forEach(p -> p.variable().close());
    buffers.forEach(Variable::close);
    constants.forEach(Variable::close);
    children.values().forEach(Module::close);
  }

  // ---- printing ----

  /// What stands in the tree behind the class name: sizes and options.
  protected String detail() {
    return "";
  }

  /// The tree, one module a line, with sizes, parameter shapes and parameter counts.
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
    for (Parameter p : parameters) {
      out.append("  ").append(localName(p.variable())).append(p.variable().spec().shape());
    }
    long count = parameterCount();
    out.append(count == 0 ? "" : String.format(Locale.ROOT, "  %,d parameters", count))
        .append('\n');
    children.forEach((key, child) -> child.print(out, indent + "  ", key));
  }
}
