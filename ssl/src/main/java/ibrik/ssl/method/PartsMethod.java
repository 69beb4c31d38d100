package ibrik.ssl.method;

import ibrik.nn.Module;
import ibrik.nn.model.Encoder;
import ibrik.tensor.Tensor;
import ibrik.tensor.Variable;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A method assembled from [Parts]: what is left to write is the forward pass, the collapse value,
/// and what moves after a step. Compares two views and trains every network at one rate, unless a
/// method says otherwise.
public abstract class PartsMethod implements Method {
  private final Parts parts;

  /// A method that owns `parts`, an encoder among them.
  protected PartsMethod(Parts parts) {
    this.parts = parts;
  }

  @Override
  public int viewCount() {
    return 2;
  }

  /// The trained one, unless a method keeps another.
  @Override
  public Encoder encoder() {
    return (Encoder) network("encoder");
  }

  /// The network of this name.
  protected final Module network(String name) {
    return Objects.requireNonNull(parts.networks().get(name), name);
  }

  @Override
  public final Map<String, Module> networks() {
    return parts.networks();
  }

  @Override
  public List<Group> groups() {
    return List.of(new Group(parts.trained(), 1));
  }

  /// Two groups: all that is trained but for `apart`, then `apart` at a rate of its own.
  ///
  /// @param steady whether that rate neither climbs nor falls
  protected final List<Group> groups(Module apart, double lrFactor, boolean steady) {
    List<String> names = apart.parameters().stream().map(p -> p.name()).toList();
    if (names.isEmpty()) {
      return List.of(new Group(parts.trained(), 1));
    }
    return List.of(
        new Group(parts.trained().stream().filter(p -> !names.contains(p.name())).toList(), 1),
        new Group(apart.parameters(), lrFactor, steady));
  }

  /// Rows of all devices, `[B, ...]` to `[W B, ...]`: the loss and all that outlives the step read
  /// no others. See [Gather] for what may be gathered.
  protected final Tensor gather(Tensor own) {
    return parts.setting().gather().union(own);
  }

  /// The same, view after view: `[V B, D]` to `[V W B, D]`.
  protected final Tensor gatherViews(Tensor own, int views) {
    return parts.setting().gather().unionOfViews(own, views);
  }

  @Override
  public final void beforeStep(long step) {
    parts.moveTo(step);
  }

  @Override
  public Map<String, Double> scalars(long step) {
    return parts.scalars(step);
  }

  @Override
  public Map<String, Variable> state() {
    return parts.state();
  }

  @Override
  public void close() {
    parts.close();
  }
}
