package ibrik.ssl.eval;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;

/// The two products that a linear classifier's loss needs, with the features kept on a device.
/// Small problems run in f64, which is exact but slow; larger ones in f32, summed over blocks of
/// rows in double.
final class Products implements AutoCloseable {
  /// Multiplications up to which f64 is fast enough.
  private static final long SMALL = 1 << 14;

  /// Rows that f32 sums without help.
  private static final int ROWS = 4096;

  private final int rows;
  private final int dim;
  private final int classes;
  private final Tensor features;

  /// Uploads into the innermost scope.
  Products(FeatureBank bank, int classes, Device device) {
    this.rows = bank.size();
    this.dim = bank.dim();
    this.classes = classes;
    Tensor uploaded = bank.tensor(device);
    if ((long) rows * dim * classes <= SMALL) {
      this.features = uploaded.cast(DType.F64);
      uploaded.close();
    } else {
      this.features = uploaded;
    }
  }

  /// Relative error of sums: 0 in f64.
  double noise() {
    return exact() ? 0 : 1e-6;
  }

  private boolean exact() {
    return features.dtype() == DType.F64;
  }

  /// `X W^T`: `[rows, classes]` for W `[classes, dim]`, of which the first entries of `weight` are
  /// read.
  double[] times(double[] weight) {
    try (TensorScope _ = TensorScope.open()) {
      return host(features.matMul(upload(weight, classes, dim), false, true));
    }
  }

  /// `R^T X`: `[classes, dim]` for R `[rows, classes]`.
  double[] pulledBack(double[] residuals) {
    double[] sum = new double[classes * dim];
    try (TensorScope _ = TensorScope.open()) {
      Tensor r = upload(residuals, rows, classes);
      for (int from = 0; from < rows; from += ROWS) {
        int count = Math.min(ROWS, rows - from);
        try (TensorScope _ = TensorScope.open()) {
          double[] part =
              host(r.narrow(0, from, count).matMul(features.narrow(0, from, count), true, false));
          Lbfgs.addTo(sum, part, 1);
        }
      }
    }
    return sum;
  }

  private Tensor upload(double[] values, int m, int n) {
    if (exact()) {
      return Tensor.of(java.util.Arrays.copyOf(values, m * n), m, n).to(features.device());
    }
    float[] narrow = new float[m * n];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return Tensor.of(narrow, m, n).to(features.device());
  }

  private double[] host(Tensor tensor) {
    if (exact()) {
      return tensor.toDoubles();
    }
    float[] narrow = tensor.toFloats();
    double[] wide = new double[narrow.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = narrow[i];
    }
    return wide;
  }

  @Override
  public void close() {
    features.close();
  }
}
