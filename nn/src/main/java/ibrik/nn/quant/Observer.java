package ibrik.nn.quant;

import ibrik.autograd.Tape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;

/// Watches tensors go by and says which range a quantiser should cover. State lives on the host; a
/// tape records nothing of it. Not for several threads at once.
public abstract class Observer {
  /// Makes one that has seen nothing.
  protected Observer() {}

  /// Takes the numbers of `x` into account.
  ///
  /// @throws IllegalArgumentException if x is empty
  public final void observe(Tensor x) {
    if (x.elems() == 0) {
      throw new IllegalArgumentException("[observer] x must not be empty; got x: " + x.spec());
    }
    Tape.pause(
        () -> {
          try (TensorScope _ = TensorScope.open()) {
            see(x);
          }
          return this;
        });
  }

  /// Takes x into account; what it makes is freed afterwards.
  abstract void see(Tensor x);

  /// The range so far; unset (minimum above maximum) before the first tensor.
  public abstract Range range();

  /// Forgets everything.
  public abstract void reset();
}
