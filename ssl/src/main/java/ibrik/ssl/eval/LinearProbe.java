package ibrik.ssl.eval;

import ibrik.nn.optim.WeightDecay;
import ibrik.nn.schedule.Schedule;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.random.PhiloxStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The linear probe of the papers: a linear layer trained by SGD on frozen features, with a cosine
/// schedule per step. Features are computed once, so there is no augmentation.
public final class LinearProbe {
  private LinearProbe() {}

  /// A recipe.
  ///
  /// @param scaling what is done to features first
  /// @param rates learning rates to try, for batches of 256: multiplied by the rows of a batch /
  ///   256
  /// @param epochs at least 1
  /// @param batchSize rows per step, at most all; the last batch of an epoch may be smaller
  /// @param momentum of SGD
  /// @param nesterov whether it looks ahead
  /// @param decay weight decay of the weights
  /// @param heldOut share of the training set on which the rate is chosen, in (0, 1)
  /// @param seed names initial weights, shuffles and held-out items
  public record Config(
      Scaler.Kind scaling,
      List<Double> rates,
      int epochs,
      int batchSize,
      double momentum,
      boolean nesterov,
      double decay,
      double heldOut,
      long seed) {
    /// Checks and copies.
    public Config {
      rates = List.copyOf(rates);
      if (rates.isEmpty() || epochs < 1 || batchSize < 1) {
        throw new IllegalArgumentException(
            "[linear_probe] needs a rate, at least one epoch and one row per batch; got rates "
                + rates
                + ", epochs "
                + epochs
                + ", batch size "
                + batchSize);
      }
    }

    /// Rates 0.1, 1 and 10, 100 epochs, batches of 256, no decay: the default for cached features.
    public static Config small() {
      return new Config(Scaler.Kind.NONE, List.of(0.1, 1.0, 10.0), 100, 256, 0.9, true, 0, 0.1, 0);
    }

    /// BYOL's linear evaluation without its augmentation: five rates, 80 epochs, batches of 1,024
    /// (Grill et al. 2020, arXiv:2006.07733; the rates there are taken to be for such batches).
    public static Config byol() {
      List<Double> rates = new ArrayList<>();
      for (double rate : new double[] {0.4, 0.3, 0.2, 0.1, 0.05}) {
        rates.add(rate / 4);
      }
      return new Config(Scaler.Kind.NONE, rates, 80, 1024, 0.9, true, 0, 0.1, 0);
    }
  }

  /// What a probe found.
  ///
  /// @param classifier after the last epoch, trained on the whole training set
  /// @param rate the rate chosen, for batches of 256
  /// @param heldOutAccuracy for each rate of the recipe, in its order; empty if there was one
  /// @param epochAccuracy on the test set after each epoch; to look at, not to choose by
  /// @param test predictions after the last epoch
  public record Result(
      LinearClassifier classifier,
      double rate,
      List<Double> heldOutAccuracy,
      List<Double> epochAccuracy,
      Predictions test) {
    /// Copies.
    public Result {
      heldOutAccuracy = List.copyOf(heldOutAccuracy);
      epochAccuracy = List.copyOf(epochAccuracy);
    }

    /// Share of test items classified rightly after the last epoch.
    public double accuracy() {
      return test.accuracy();
    }
  }

  /// Chooses the rate on held-out training items (of equals the first), trains on all of `train`,
  /// classifies `test`.
  public static Result run(FeatureBank train, FeatureBank test, Config config, Device device) {
    train.checkFits(test, "linear_probe");
    train.needLabels("linear_probe");
    test.needLabels("linear_probe");
    List<Double> accuracies = new ArrayList<>();
    double best = config.rates.getFirst();
    if (config.rates.size() > 1) {
      LabelSplits.Split split = LabelSplits.share(train, config.heldOut, config.seed);
      FeatureBank held = train.select(split.chosen());
      FeatureBank rest = train.select(split.rest());
      for (double rate : config.rates) {
        LinearClassifier tried = train(rest, null, config, rate, device, new ArrayList<>());
        double accuracy = tried.predict(held, device).accuracy();
        if (accuracies.stream().allMatch(other -> accuracy > other)) {
          best = rate;
        }
        accuracies.add(accuracy);
      }
    }
    List<Double> epochs = new ArrayList<>();
    LinearClassifier last = train(train, test, config, best, device, epochs);
    return new Result(last, best, accuracies, epochs, last.predict(test, device));
  }

  private static LinearClassifier train(
      FeatureBank train,
      @org.jspecify.annotations.Nullable FeatureBank test,
      Config config,
      double rate,
      Device device,
      List<Double> accuracies) {
    Scaler scaler = Scaler.fit(config.scaling, train);
    int size = Math.min(config.batchSize, train.size());
    int steps = Math.ceilDiv(train.size(), size);
    double peak = rate * size / 256;
    Schedule schedule = Schedule.cosine(peak, 0, (long) steps * config.epochs);
    try (TensorScope _ = TensorScope.open();
        LinearHead head =
            new LinearHead(
                train.dim(),
                train.classes(),
                peak,
                config.momentum,
                config.nesterov,
                WeightDecay.weights(config.decay),
                config.seed,
                device)) {
      Tensor x = scaler.apply(train).tensor(device);
      Tensor y = train.labelTensor(device);
      for (int epoch = 0; epoch < config.epochs; epoch++) {
        int[] order = new PhiloxStream(config.seed, epoch).permutation(train.size());
        for (int step = 0; step < steps; step++) {
          int[] part =
              Arrays.copyOfRange(order, step * size, Math.min(train.size(), (step + 1) * size));
          head.lr().set(schedule.at((long) epoch * steps + step));
          try (TensorScope _ = TensorScope.open()) {
            Tensor rows = Tensor.of(part, part.length).to(device);
            head.step(x.gather(rows), y.gather(rows)).close();
          }
        }
        if (test != null) {
          accuracies.add(head.classifier(scaler).predict(test, device).accuracy());
        }
      }
      return head.classifier(scaler);
    }
  }
}
