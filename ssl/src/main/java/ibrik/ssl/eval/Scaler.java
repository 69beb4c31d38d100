package ibrik.ssl.eval;

/// What is done to features before a linear classifier sees them, with numbers taken from the
/// training set.
///
/// @param kind which transformation
/// @param mean per feature, subtracted; empty where nothing is
/// @param std per feature (n), divided by; 1 for constant features; empty where nothing is
public record Scaler(Kind kind, double[] mean, double[] std) {
  /// Features as they come.
  public static final Scaler NONE = new Scaler(Kind.NONE, new double[0], new double[0]);

  /// Transformations.
  public enum Kind {
    /// Features as they come, as in transfer benchmarks.
    NONE,
    /// Each feature to mean 0 and variance 1 over the training set.
    STANDARD,
    /// Each row to length 1.
    UNIT,
    /// Each row to length 1, then each feature to mean 0 and variance 1.
    UNIT_STANDARD;

    private boolean unit() {
      return this == UNIT || this == UNIT_STANDARD;
    }

    private boolean standard() {
      return this == STANDARD || this == UNIT_STANDARD;
    }
  }

  /// Takes the numbers from `train`.
  public static Scaler fit(Kind kind, FeatureBank train) {
    if (!kind.standard()) {
      return new Scaler(kind, new double[0], new double[0]);
    }
    Columns columns = Columns.of(kind.unit() ? train.l2Normalized() : train);
    double[] mean = new double[columns.count()];
    double[] std = new double[columns.count()];
    for (int j = 0; j < columns.count(); j++) {
      mean[j] = columns.mean(j);
      double squares = 0;
      for (double x : columns.column(j)) {
        squares += (x - mean[j]) * (x - mean[j]);
      }
      std[j] = squares > 0 ? Math.sqrt(squares / columns.rows()) : 1;
    }
    return new Scaler(kind, mean, std);
  }

  /// The transformed features; the bank itself where there is nothing to do.
  public FeatureBank apply(FeatureBank bank) {
    FeatureBank rows = kind.unit() ? bank.l2Normalized() : bank;
    if (!kind.standard()) {
      return rows;
    }
    if (bank.dim() != mean.length) {
      throw new IllegalArgumentException(
          "[scaler] was fitted on " + mean.length + " features; got " + bank);
    }
    float[] scaled = new float[rows.features().length];
    for (int i = 0; i < scaled.length; i++) {
      int j = i % mean.length;
      scaled[i] = (float) ((rows.features()[i] - mean[j]) / std[j]);
    }
    return new FeatureBank(scaled, bank.dim(), bank.labels(), bank.classes());
  }
}
