package ibrik.ssl.eval;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;

/// Alignment and uniformity of features on the unit sphere. Rows are L2-normalised here.
///
/// **Source** Wang and Isola 2020, arXiv:2005.10242, with alpha = 2 and t = 2.
public final class Hypersphere {
  private static final int BLOCK = 1 << 22;

  private Hypersphere() {}

  /// `mean_i |a_i - b_i|^2` over pairs of rows, in [0, 4]; 0 if all pairs point the same way.
  public static double alignment(FeatureBank a, FeatureBank b) {
    a.checkFits(b, "alignment");
    if (a.size() != b.size() || a.size() == 0) {
      throw new IllegalArgumentException(
          "[alignment] needs pairs of rows; got " + a.size() + " and " + b.size() + " rows");
    }
    FeatureBank unitA = a.l2Normalized();
    FeatureBank unitB = b.l2Normalized();
    double sum = 0;
    for (int i = 0; i < unitA.features().length; i++) {
      double difference = (double) unitA.features()[i] - unitB.features()[i];
      sum += difference * difference;
    }
    return sum / a.size();
  }

  /// `ln mean_{i<j} exp(-2 |z_i - z_j|^2)`, in [-8, 0]; 0 if all rows point the same way.
  public static double uniformity(FeatureBank bank, Device device) {
    int n = bank.size();
    if (n < 2) {
      throw new IllegalArgumentException("[uniformity] needs at least two rows; got " + n);
    }
    FeatureBank unit = bank.l2Normalized();
    double sum = 0;
    try (TensorScope _ = TensorScope.open()) {
      Tensor all = unit.tensor(device);
      int rows = Math.max(1, BLOCK / n);
      for (int from = 0; from < n; from += rows) {
        int to = Math.min(n, from + rows);
        try (TensorScope _ = TensorScope.open()) {
          float[] cosines = all.narrow(0, from, to - from).matMul(all, false, true).toFloats();
          for (int i = from; i < to; i++) {
            for (int j = i + 1; j < n; j++) {
              // |a - b|^2 = 2 - 2 a b on the sphere
              double distance = Math.max(0, 2 - 2.0 * cosines[(i - from) * n + j]);
              sum += Math.exp(-2 * distance);
            }
          }
        }
      }
    }
    return Math.log(sum / (n * (n - 1.0) / 2));
  }
}
