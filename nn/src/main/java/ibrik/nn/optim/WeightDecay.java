package ibrik.nn.optim;

import ibrik.nn.Parameter;

/// Which parameters are decayed, and how much.
///
/// @param amount factor on the parameter that is added to its gradient, at least 0
/// @param everything true: all parameters; false: weights only, not biases and norms
public record WeightDecay(double amount, boolean everything) {
  /// Checks the amount.
  public WeightDecay {
    if (!(amount >= 0) || Double.isInfinite(amount)) {
      throw new IllegalArgumentException(
          "[weight_decay] must be a number of at least 0; got " + amount);
    }
  }

  /// Weights only.
  public static WeightDecay weights(double amount) {
    return new WeightDecay(amount, false);
  }

  /// The decay of a parameter with this role.
  double of(Parameter.Role role) {
    return everything || role == Parameter.Role.WEIGHT ? amount : 0;
  }
}
