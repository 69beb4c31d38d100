package ibrik.autograd;

import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/// A picture of what a tape recorded: DOT text for Graphviz, or an SVG that needs nothing. For
/// teaching and for small graphs.
///
/// ```java
/// try (var run = Tape.record(() -> loss(x))) {
///   String svg = GraphView.of(run).name(x, "x").withGradients().toSvg();
/// }
/// ```
///
/// Data flows downwards. One box per recorded op with its tag and the types and shapes it makes;
/// one box per tensor that came from outside: variables, by name, and other inputs. With gradients,
/// a dashed edge runs back along every edge that a cotangent takes on its way from the value to a
/// variable.
public final class GraphView {
  private final Tape.Run run;
  private final Map<Tensor, String> names;
  private final boolean gradients;

  private GraphView(Tape.Run run, Map<Tensor, String> names, boolean gradients) {
    this.run = run;
    this.names = names;
    this.gradients = gradients;
  }

  /// A view of everything that `run` recorded. It reads names and shapes only, so it works after
  /// the run was closed, too.
  public static GraphView of(Tape.Run run) {
    return new GraphView(run, Map.of(), false);
  }

  /// The same view with `name` at `tensor`, an input or the result of an op.
  public GraphView name(Tensor tensor, String name) {
    Map<Tensor, String> more = new HashMap<>(names);
    more.put(tensor, name);
    return new GraphView(run, more, gradients);
  }

  /// The same view with the way of the cotangents.
  public GraphView withGradients() {
    return new GraphView(run, names, true);
  }

  /// The graph in the language of Graphviz: `dot -Tsvg graph.dot`.
  public String toDot() {
    return GraphText.dot(graph());
  }

  /// A self-contained SVG document; nothing in it refers to anything outside.
  public String toSvg() {
    return GraphText.svg(GraphLayout.of(graph()));
  }

  /// What a box stands for.
  enum Kind {
    /// A variable: training changes it.
    PARAMETER,
    /// Another tensor from outside.
    INPUT,
    /// A recorded op.
    OP,
    /// The op, or the tensor, whose result the recorded body returned.
    VALUE
  }

  /// A box.
  ///
  /// @param title the op's tag or the tensor's name
  /// @param detail types and shapes
  /// @param tooltip the op with its attributes
  record Vertex(Kind kind, String title, String detail, String tooltip) {}

  /// An arrow between two boxes, given by their numbers.
  ///
  /// @param label which of several outputs it carries and how often it is read, or empty
  /// @param backward whether a cotangent takes it the other way
  record Edge(int from, int to, String label, boolean backward) {}

  /// Boxes and arrows; arrows lead to boxes with higher numbers, but for those from inputs.
  record Graph(List<Vertex> vertices, List<Edge> edges) {}

  /// Where a tensor comes from: the number of its box and the label of edges that leave with it.
  private record Source(int vertex, String label) {}

  Graph graph() {
    List<Vertex> vertices = new ArrayList<>();
    List<Edge> edges = new ArrayList<>();
    Map<Tensor, Source> sources = new HashMap<>();
    Set<Tensor> carriers = gradients ? carriers() : Set.of();
    for (Node node : run.nodes()) {
      for (Tensor in : node.in()) {
        if (!sources.containsKey(in)) {
          sources.put(in, new Source(vertices.size(), ""));
          vertices.add(leaf(in));
        }
      }
      int here = vertices.size();
      vertices.add(vertex(node));
      boolean reached = node.out().stream().anyMatch(carriers::contains);
      for (Tensor in : new LinkedHashSet<>(node.in())) {
        Source source = Objects.requireNonNull(sources.get(in));
        int times = Collections.frequency(node.in(), in);
        String label = times == 1 ? source.label() : (source.label() + " x" + times).strip();
        edges.add(new Edge(source.vertex(), here, label, reached && carriers.contains(in)));
      }
      for (int i = 0; i < node.out().size(); i++) {
        sources.put(node.out().get(i), new Source(here, node.out().size() > 1 ? "out " + i : ""));
      }
    }
    if (!sources.containsKey(run.value())) {
      vertices.add(leaf(run.value()));
    }
    return new Graph(List.copyOf(vertices), List.copyOf(edges));
  }

  private Vertex vertex(Node node) {
    String made =
        node.out().stream().map(t -> t.spec().toString()).collect(Collectors.joining(" "));
    String given =
        node.out().stream()
            .filter(names::containsKey)
            .map(names::get)
            .collect(Collectors.joining(", "));
    return new Vertex(
        node.out().contains(run.value()) ? Kind.VALUE : Kind.OP,
        given.isEmpty() ? node.op().tag() : given + " = " + node.op().tag(),
        made,
        node.op().toString());
  }

  private Vertex leaf(Tensor tensor) {
    Kind kind =
        tensor == run.value() ? Kind.VALUE : tensor.isMutable() ? Kind.PARAMETER : Kind.INPUT;
    String name = names.getOrDefault(tensor, tensor.isMutable() ? tensor.origin() : "input");
    return new Vertex(kind, name, tensor.spec().toString(), name + " " + tensor.spec());
  }

  /// The tensors that a cotangent reaches: those that depend on a variable and influence the value.
  private Set<Tensor> carriers() {
    Set<Tensor> dependent = new HashSet<>();
    for (Node node : run.nodes()) {
      for (Tensor in : node.in()) {
        if (in.isMutable() && in.dtype().isFloat()) {
          dependent.add(in);
        }
      }
      if (node.in().stream().anyMatch(dependent::contains)) {
        node.out().stream().filter(out -> out.dtype().isFloat()).forEach(dependent::add);
      }
    }
    Set<Tensor> reached = new HashSet<>();
    if (dependent.contains(run.value())) {
      reached.add(run.value());
    }
    for (Node node : run.nodes().reversed()) {
      if (node.out().stream().anyMatch(reached::contains)) {
        node.in().stream().filter(dependent::contains).forEach(reached::add);
      }
    }
    return reached;
  }
}
