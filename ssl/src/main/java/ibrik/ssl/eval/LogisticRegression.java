package ibrik.ssl.eval;

import ibrik.tensor.Device;
import ibrik.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Multinomial logistic regression by L-BFGS: the offline linear probe without a learning rate.
///
/// Minimises `J = |W|_F^2 / 2 + C sum_i [logsumexp(W x_i + b) - (W x_i + b)_{y_i}]`, the intercept
/// unpenalised. Equal to scikit-learn's `LogisticRegression(C)`; weight decay of a mean loss is `1
/// / (C n)`.
public final class LogisticRegression {
  private LogisticRegression() {}

  /// How a probe is fitted.
  ///
  /// @param scaling what is done to features first
  /// @param cs inverse strengths of the penalty to try, weakest penalty first
  /// @param heldOut share of the training set on which C is chosen, in (0, 1)
  /// @param maxIterations per fit
  /// @param tolerance largest entry of the gradient of `J / (C n)` at which a fit stops
  /// @param seed draws the held-out items
  public record Config(
      Scaler.Kind scaling,
      List<Double> cs,
      double heldOut,
      int maxIterations,
      double tolerance,
      long seed) {
    /// Checks and copies.
    public Config {
      cs = List.copyOf(cs);
      if (cs.isEmpty() || cs.stream().anyMatch(c -> !(c > 0) || c.isInfinite())) {
        throw new IllegalArgumentException("[logistic] needs values of C above 0; got " + cs);
      }
    }

    /// Twelve values of C, `1 / logspace(-6, 5, 12)`, a tenth of the training set held out, 200
    /// iterations, tolerance 1e-4, features as they come.
    public static Config small() {
      return new Config(Scaler.Kind.NONE, cs(12), 0.1, 200, 1e-4, 0);
    }

    /// The 45 values of C and 100 iterations of the transfer benchmark (Ericsson et al. 2021,
    /// arXiv:2011.13377).
    public static Config transfer() {
      return new Config(Scaler.Kind.NONE, cs(45), 0.1, 100, 1e-4, 0);
    }

    /// The same with `count` values of C, `1 / logspace(-6, 5, count)`: 12 are usual here, 45 in
    /// the transfer benchmark.
    ///
    /// @throws IllegalArgumentException if `count` is below 2
    public Config withCs(int count) {
      if (count < 2) {
        throw new IllegalArgumentException(
            "[logistic] needs at least 2 values of C to choose from; got " + count);
      }
      return new Config(scaling, cs(count), heldOut, maxIterations, tolerance, seed);
    }

    /// `1 / logspace(-6, 5, count)`.
    private static List<Double> cs(int count) {
      List<Double> cs = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        cs.add(Math.pow(10, 6 - 11.0 * i / (count - 1)));
      }
      return cs;
    }
  }

  /// One fit.
  ///
  /// @param classifier weights and biases
  /// @param c inverse strength of the penalty
  /// @param objective J at the end
  /// @param crossEntropy sum of the losses at the end, without C
  /// @param gradientMax largest entry of the gradient of `J / (C n)` at the end
  /// @param iterations of L-BFGS
  /// @param converged whether the tolerance was met
  public record Fit(
      LinearClassifier classifier,
      double c,
      double objective,
      double crossEntropy,
      double gradientMax,
      int iterations,
      boolean converged) {}

  /// What a probe found.
  ///
  /// @param fit on the whole training set with the best C
  /// @param heldOutAccuracy for each C of the configuration, in its order
  /// @param test predictions on the test set
  public record Result(Fit fit, List<Double> heldOutAccuracy, Predictions test) {
    /// Copies.
    public Result {
      heldOutAccuracy = List.copyOf(heldOutAccuracy);
    }

    /// Share of test items classified rightly.
    public double accuracy() {
      return test.accuracy();
    }
  }

  /// Chooses C on held-out training items (of equals the weakest penalty), refits on all of
  /// `train`, classifies `test`. Each fit starts where the one before ended.
  public static Result probe(FeatureBank train, FeatureBank test, Config config, Device device) {
    train.checkFits(test, "logistic");
    train.needLabels("logistic");
    test.needLabels("logistic");
    List<Double> accuracies = new ArrayList<>();
    Fit fit = null;
    double best = config.cs.getFirst();
    if (config.cs.size() > 1) {
      LabelSplits.Split split = LabelSplits.share(train, config.heldOut, config.seed);
      FeatureBank fitted = train.select(split.rest());
      FeatureBank held = train.select(split.chosen());
      Scaler scaler = Scaler.fit(config.scaling, fitted);
      try (TensorScope _ = TensorScope.open();
          Products products = new Products(scaler.apply(fitted), train.classes(), device)) {
        for (double c : config.cs) {
          fit = fit(products, fitted, scaler, c, config.maxIterations, config.tolerance, fit);
          double accuracy = fit.classifier.predict(held, device).accuracy();
          if (accuracies.stream().allMatch(other -> accuracy > other)) {
            best = c;
          }
          accuracies.add(accuracy);
        }
      }
    }
    Fit last = fit(train, config.scaling, best, config.maxIterations, config.tolerance, device);
    return new Result(last, accuracies, last.classifier.predict(test, device));
  }

  /// Fits all of `train` from zero.
  ///
  /// @param c inverse strength of the penalty, above 0
  /// @param tolerance largest entry of the gradient of `J / (C n)` at which it stops
  public static Fit fit(
      FeatureBank train,
      Scaler.Kind scaling,
      double c,
      int maxIterations,
      double tolerance,
      Device device) {
    train.needLabels("logistic");
    Scaler scaler = Scaler.fit(scaling, train);
    try (TensorScope _ = TensorScope.open();
        Products products = new Products(scaler.apply(train), train.classes(), device)) {
      return fit(products, train, scaler, c, maxIterations, tolerance, null);
    }
  }

  /// Fits two classes with one row of weights, `p(1) = sigmoid(w x + b)` and penalty `|w|^2 / 2`:
  /// the form used for attributes and for classes that do not exclude each other. The classifier
  /// has the rows 0 and w.
  public static Fit binary(
      FeatureBank train,
      Scaler.Kind scaling,
      double c,
      int maxIterations,
      double tolerance,
      Device device) {
    if (train.classes() != 2) {
      throw new IllegalArgumentException("[logistic] binary needs two classes; got " + train);
    }
    // Rows -w/2 and w/2 have the penalty |w|^2 / 4: half of what is asked for, so half of C.
    Fit both = fit(train, scaling, c / 2, maxIterations, tolerance, device);
    double[] weight = both.classifier.weight().clone();
    double[] bias = both.classifier.bias();
    int dim = train.dim();
    for (int j = 0; j < dim; j++) {
      weight[dim + j] -= weight[j];
      weight[j] = 0;
    }
    LinearClassifier one =
        new LinearClassifier(weight, new double[] {0, bias[1] - bias[0]}, both.classifier.scaler());
    return new Fit(
        one,
        c,
        2 * both.objective,
        both.crossEntropy,
        both.gradientMax,
        both.iterations,
        both.converged);
  }

  private static Fit fit(
      Products products,
      FeatureBank train,
      Scaler scaler,
      double c,
      int maxIterations,
      double tolerance,
      @Nullable Fit from) {
    if (!(c > 0) || Double.isInfinite(c)) {
      throw new IllegalArgumentException("[logistic] C must be above 0; got " + c);
    }
    int weights = train.classes() * train.dim();
    double[] start = new double[weights + train.classes()];
    if (from != null) {
      System.arraycopy(from.classifier.weight(), 0, start, 0, weights);
      System.arraycopy(from.classifier.bias(), 0, start, weights, train.classes());
    }
    Lbfgs.Result found =
        Lbfgs.minimize(
            new SoftmaxObjective(products, train, c),
            start,
            new Lbfgs.Options(maxIterations, tolerance, 10, products.noise()));
    double[] weight = Arrays.copyOf(found.x(), weights);
    double objective = found.value() * c * train.size();
    return new Fit(
        new LinearClassifier(
            weight, Arrays.copyOfRange(found.x(), weights, found.x().length), scaler),
        c,
        objective,
        (objective - Lbfgs.dot(weight, weight) / 2) / c,
        found.gradientMax(),
        found.iterations(),
        found.converged());
  }
}
