package ibrik.ssl.eval;

import ibrik.tensor.Device;
import ibrik.tensor.TensorScope;

/// A fitted linear classifier: `softmax(W scale(x) + b)`.
///
/// @param weight `[classes, dim]`, row-major
/// @param bias `[classes]`
/// @param scaler applied to features first
public record LinearClassifier(double[] weight, double[] bias, Scaler scaler) {
  /// Checks sizes.
  public LinearClassifier {
    if (bias.length == 0 || weight.length % bias.length != 0) {
      throw new IllegalArgumentException(
          "[linear] weight must have one row per bias; got "
              + weight.length
              + " weights, "
              + bias.length
              + " biases");
    }
  }

  /// Number of classes.
  public int classes() {
    return bias.length;
  }

  /// Number of features.
  public int dim() {
    return weight.length / bias.length;
  }

  /// Logits `[N, classes]`, row-major.
  public double[] logits(FeatureBank bank, Device device) {
    if (bank.dim() != dim()) {
      throw new IllegalArgumentException(
          "[linear] was fitted on " + dim() + " features; got " + bank);
    }
    try (TensorScope _ = TensorScope.open();
        Products products = new Products(scaler.apply(bank), classes(), device)) {
      double[] logits = products.times(weight);
      for (int i = 0; i < logits.length; i++) {
        logits[i] += bias[i % bias.length];
      }
      return logits;
    }
  }

  /// Class probabilities of every item.
  public Predictions predict(FeatureBank bank, Device device) {
    double[] p = logits(bank, device);
    for (int i = 0; i < bank.size(); i++) {
      LogSumExp.softmax(p, i * classes(), classes());
    }
    return new Predictions(p, bank.labels(), classes());
  }
}
