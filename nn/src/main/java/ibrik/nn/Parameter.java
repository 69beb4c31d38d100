package ibrik.nn;

import ibrik.tensor.Tensor;
import ibrik.tensor.Variable;

/// A variable that is trained.
///
/// @param variable its name and numbers
/// @param role what it does, for optimisers that treat biases and norms apart
public record Parameter(Variable variable, Role role) {
  /// What a parameter does in its layer.
  public enum Role {
    /// Matrix or kernel: decayed, and scaled by LARS.
    WEIGHT,
    /// Added per channel.
    BIAS,
    /// Scale of a normalisation.
    NORM_SCALE,
    /// Shift of a normalisation.
    NORM_SHIFT
  }

  /// Full dotted name.
  public String name() {
    return variable.name();
  }

  /// The current numbers.
  public Tensor value() {
    return variable.value();
  }
}
