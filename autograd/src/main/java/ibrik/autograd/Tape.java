package ibrik.autograd;

import com.google.errorprone.annotations.MustBeClosed;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Tensors;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.exec.Layer;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Update;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Records ops so that they can be differentiated.
///
/// ```java
/// try (var run = Tape.record(() -> loss(x))) {
///   List<Tensor> gradients = run.gradients(parameters);
/// }
/// ```
///
/// A tape is a layer: each op goes to the interpreter below and is then written down. Recording
/// ends with the lambda. The rules of the gradients run under the interpreter that is current where
/// gradients are asked for; if that is another tape, they are recorded, which is all that higher
/// derivatives need.
public final class Tape implements Layer {
  private final Interpreter below;
  private final List<Node> nodes = new ArrayList<>();

  private Tape(Interpreter below) {
    this.below = below;
  }

  /// Runs `body` and records it. Everything recorded stays alive until the run is closed, whatever
  /// scope was open inside the body's caller: the run owns a scope of its own.
  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // the run owns the scope
  public static Run record(Supplier<Tensor> body) {
    Tape tape = new Tape(Interpreter.current());
    TensorScope scope = temporaries();
    try {
      Tensor value = Interpreter.with(tape, body);
      return new Run(tape.nodes, value, scope);
    } catch (Throwable failed) {
      scope.close();
      throw failed;
    }
  }

  /// Runs `body` below every tape: nothing in it is recorded. For target networks, monitors and
  /// update ops.
  public static <T> T pause(Supplier<T> body) {
    Tape lowest = lowest();
    return lowest == null ? body.get() : Interpreter.with(lowest.below, body);
  }

  /// Whether a tape records what happens here.
  public static boolean recording() {
    return lowest() != null;
  }

  private static @Nullable Tape lowest() {
    Tape lowest = null;
    Interpreter at = Interpreter.current();
    while (at instanceof Layer layer) {
      if (layer instanceof Tape tape) {
        lowest = tape;
      }
      at = layer.below();
    }
    return lowest;
  }

  /// A scope for intermediate results. Under a tape they are part of its record, so they move to
  /// the enclosing scope instead of being freed.
  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // the caller closes it
  static TensorScope temporaries() {
    if (!recording()) {
      return TensorScope.open();
    }
    TensorScope scope = TensorScope.onFailure();
    scope.succeed();
    return scope;
  }

  @Override
  public Interpreter below() {
    return below;
  }

  @Override
  public List<Tensor> apply(Op op, List<Tensor> in) {
    if (op instanceof Update) {
      throw new IllegalStateException(
          "["
              + op.tag()
              + "] update ops cannot be recorded: they destroy what the tape saves; run"
              + " them after the gradients or inside Tape.pause");
    }
    List<Tensor> out = below.apply(op, in);
    nodes.add(new Node(op, in, out));
    return out;
  }

  /// What was recorded, and the way back. Closing frees every tensor made inside the recording,
  /// except those of inner scopes that are gone already.
  public static final class Run implements AutoCloseable {
    private final List<Node> nodes;
    private final Tensor value;
    private final TensorScope scope;
    private boolean closed;

    private Run(List<Node> nodes, Tensor value, TensorScope scope) {
      this.nodes = List.copyOf(nodes);
      this.value = value;
      this.scope = scope;
    }

    /// What the body returned.
    public Tensor value() {
      return value;
    }

    /// The recorded steps in order.
    public List<Node> nodes() {
      return nodes;
    }

    /// Gradients of a one-element value, one per tensor of `wrt`, of its type and shape; zeros for
    /// a tensor that does not influence the value. They belong to the innermost open scope.
    ///
    /// @throws IllegalStateException if the value has more than one element: use [#pullback]
    public List<Tensor> gradients(List<Tensor> wrt) {
      if (value.elems() != 1) {
        throw new IllegalStateException(
            "[tape] gradients need a value with one element; got "
                + value.spec()
                + "; reduce it with sum() or mean(), or call pullback(cotangent, wrt)");
      }
      try (TensorScope inner = temporaries()) {
        return inner.keep(pullback(Tensors.onesLike(value), wrt));
      }
    }

    /// [#gradients(List)] for variables.
    public List<Tensor> gradientsOf(List<Variable> variables) {
      return gradients(variables.stream().map(Variable::value).toList());
    }

    /// Pulls `cotangent`, of the value's type and shape, back to each tensor of `wrt`: the
    /// vector-Jacobian product.
    ///
    /// @throws IllegalArgumentException if the cotangent has another type or shape
    /// @throws IllegalStateException if the run is closed, or a variable was updated since
    public List<Tensor> pullback(Tensor cotangent, List<Tensor> wrt) {
      if (closed) {
        throw new IllegalStateException(
            "[tape] the run is closed and its tensors are freed; take gradients inside its try"
                + " block");
      }
      if (!cotangent.spec().equals(value.spec())) {
        throw new IllegalArgumentException(
            "[tape] cotangent must be " + value.spec() + "; got " + cotangent.spec());
      }
      return new Walk(this, wrt).back(cotangent);
    }

    /// Moves a tensor made inside this run, or while it is open, to the scope around it.
    public Tensor keep(Tensor tensor) {
      return scope.keep(tensor);
    }

    /// Bytes that this run keeps alive for the way back.
    public long savedBytes() {
      return scope.liveBytes();
    }

    /// What this run keeps alive, by op, largest first.
    public String savedReport() {
      return scope.report();
    }

    @Override
    public void close() {
      closed = true;
      scope.close();
    }
  }

  /// One walk back over the nodes between `wrt` and the value.
  private static final class Walk {
    private final Run run;
    private final List<Tensor> wrt;
    private final Set<Tensor> needed = new HashSet<>();
    private final IdentityHashMap<Tensor, Tensor> cotangents = new IdentityHashMap<>();

    /// Under an outer tape cotangents are part of its record and must live.
    private final boolean freeEarly = !recording();

    Walk(Run run, List<Tensor> wrt) {
      this.run = run;
      this.wrt = wrt;
      needed.addAll(wrt);
      for (Node node : run.nodes) {
        if (node.in().stream().anyMatch(needed::contains)) {
          for (Tensor out : node.out()) {
            if (out.dtype().isFloat()) {
              needed.add(out);
            }
          }
        }
      }
    }

    List<Tensor> back(Tensor cotangent) {
      try (TensorScope scope = temporaries()) {
        if (needed.contains(run.value)) {
          cotangents.put(run.value, cotangent);
        }
        Set<Tensor> targets = new HashSet<>(wrt);
        for (Node node : run.nodes.reversed()) {
          step(node, targets, cotangent);
        }
        List<Tensor> gradients = new ArrayList<>(wrt.size());
        for (Tensor target : wrt) {
          Tensor gradient = cotangents.get(target);
          gradients.add(own(gradient, target, gradients, cotangent));
        }
        return scope.keep(gradients);
      }
    }

    /// A gradient nobody else holds: zeros for none, a copy where one tensor would serve twice.
    private static Tensor own(
        @Nullable Tensor gradient, Tensor target, List<Tensor> taken, Tensor cotangent) {
      if (gradient == null) {
        return Tensors.zerosLike(target);
      }
      return taken.contains(gradient) || gradient == cotangent ? gradient.mul(1) : gradient;
    }

    private void step(Node node, Set<Tensor> targets, Tensor seed) {
      List<@Nullable Tensor> ct = new ArrayList<>();
      boolean any = false;
      for (Tensor out : node.out()) {
        Tensor found = cotangents.get(out);
        ct.add(found);
        any |= found != null;
      }
      if (!any) {
        return;
      }
      boolean[] needs = new boolean[node.in().size()];
      boolean some = false;
      for (int i = 0; i < needs.length; i++) {
        needs[i] = node.in().get(i).dtype().isFloat() && needed.contains(node.in().get(i));
        some |= needs[i];
      }
      if (some) {
        node.checkUnchanged();
        try (TensorScope scope = temporaries()) {
          List<@Nullable Tensor> contributions = Rules.vjp(new Pull(node, ct, needs));
          for (int i = 0; i < needs.length; i++) {
            Tensor contribution = contributions.get(i);
            if (needs[i] && contribution != null) {
              accumulate(node.in().get(i), contribution, scope);
            }
          }
        }
      }
      for (Tensor out : node.out()) {
        Tensor done = cotangents.get(out);
        if (done != null && freeEarly && !targets.contains(out) && done != seed) {
          cotangents.remove(out);
          if (!cotangents.containsValue(done)) {
            done.close();
          }
        }
      }
    }

    /// The first contribution is kept as it is, later ones are added to it.
    private void accumulate(Tensor input, Tensor contribution, TensorScope scope) {
      Tensor sum = cotangents.get(input);
      if (sum == null) {
        cotangents.put(input, scope.keep(contribution));
        return;
      }
      Tensor total = sum.add(contribution);
      cotangents.put(input, scope.keep(total));
      if (freeEarly && !cotangents.containsValue(sum) && !sum.isClosed()) {
        sum.close();
      }
    }
  }
}
