package ibrik.ssl.train;

import ibrik.nn.Build;
import ibrik.nn.model.Encoder;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.ImageSet;
import ibrik.ssl.eval.FeatureBank;
import ibrik.ssl.eval.FineTuning;
import ibrik.ssl.eval.LabelSplits;
import ibrik.ssl.eval.LogisticRegression;
import ibrik.ssl.eval.Predictions;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// What labels make of an encoder, all of them or some: fine-tuned, and beside it a logistic
/// regression on its frozen features; both again for the same encoder with random weights, the
/// floor. The encoder that is asked about is copied and stays as it is.
public final class Tuning {
  /// C where a class has too few items to choose it.
  private static final double USUAL_C = 1;

  private final RunConfig config;
  private final DataSet data;
  private final int workers;
  private final Listener listener;

  /// Hears how far things are.
  public interface Listener {
    /// A training begins.
    ///
    /// @param what for people
    void begun(String what);

    /// A step is done.
    void stepped(long done, long steps, double loss);
  }

  /// @param data images to train and test on
  /// @param workers threads that make views
  public Tuning(RunConfig config, DataSet data, int workers, Listener listener) {
    this.config = config;
    this.data = data;
    this.workers = workers;
    this.listener = listener;
  }

  /// What one number of labels gave.
  ///
  /// @param share of the training images that had their labels
  /// @param labels that is, how many
  /// @param recipe of the fine-tuning
  /// @param tuned the encoder, fine-tuned
  /// @param frozen logistic regression on its features
  /// @param tunedFloor the same encoder with random weights, trained by the same recipe
  /// @param frozenFloor logistic regression on the features of random weights
  public record Outcome(
      double share,
      int labels,
      FineTuning.Config recipe,
      FineTuning.Result tuned,
      Predictions frozen,
      FineTuning.Result tunedFloor,
      Predictions frozenFloor) {}

  /// All labels, by `recipe` for so many images.
  public Outcome full(Encoder encoder, IntFunction<FineTuning.Config> recipe) {
    return run(encoder, 1, recipe);
  }

  /// A share of the labels, drawn class by class by the run's seed: the same images for every
  /// method. For a larger share other images are drawn, not more.
  ///
  /// @param share in (0, 1)
  public Outcome semi(Encoder encoder, double share, IntFunction<FineTuning.Config> recipe) {
    return run(encoder, share, recipe);
  }

  private Outcome run(Encoder encoder, double share, IntFunction<FineTuning.Config> recipe) {
    FeatureBank all = FeatureBank.extract(encoder, data, data.train(), FeatureBank.BATCH);
    int[] rows =
        share == 1
            ? IntStream.range(0, all.size()).toArray()
            : LabelSplits.share(all, share, config.seed()).chosen();
    if (rows.length == 0) {
      throw new IllegalArgumentException(
          "[semi] a share of "
              + share
              + " of "
              + all.size()
              + " images leaves no label; take a larger one");
    }
    ImageSet labelled = data.train().select(rows);
    FineTuning.Config asked = recipe.apply(rows.length);
    Predictions frozen = frozen(encoder, all.select(rows));
    FineTuning.Result tuned;
    try (Encoder copy = encoderAtStart()) {
      copy.copyStateFrom(encoder);
      tuned = tune("fine-tuning with " + rows.length + " labels", copy, labelled, asked);
    }
    try (Encoder random = encoderAtStart()) {
      FeatureBank floor = FeatureBank.extract(random, data, labelled, FeatureBank.BATCH);
      Predictions frozenFloor = frozen(random, floor);
      FineTuning.Result tunedFloor = tune("floor: random weights", random, labelled, asked);
      return new Outcome(share, rows.length, asked, tuned, frozen, tunedFloor, frozenFloor);
    }
  }

  private FineTuning.Result tune(
      String what, Encoder encoder, ImageSet labelled, FineTuning.Config recipe) {
    listener.begun(what);
    return FineTuning.run(
        encoder, encoder.featureDim(), data, labelled, recipe, workers, listener::stepped);
  }

  private Predictions frozen(Encoder encoder, FeatureBank train) {
    FeatureBank test = FeatureBank.extract(encoder, data, data.test(), FeatureBank.BATCH);
    LogisticRegression.Config usual = LogisticRegression.Config.small();
    // C is chosen on held-out items: with one item of a class there is nothing to hold out.
    boolean choose = IntStream.range(0, train.classes()).allMatch(c -> count(train, c) >= 2);
    LogisticRegression.Config fit =
        choose
            ? usual
            : new LogisticRegression.Config(
                usual.scaling(),
                List.of(USUAL_C),
                usual.heldOut(),
                usual.maxIterations(),
                usual.tolerance(),
                usual.seed());
    return LogisticRegression.probe(train, test, fit, config.device()).test();
  }

  private static long count(FeatureBank bank, int label) {
    return IntStream.of(bank.labels()).filter(l -> l == label).count();
  }

  /// The encoder as the run began with it.
  private Encoder encoderAtStart() {
    Build build = config.build();
    return config.model().maker(data.channels()).apply(build.child("encoder"));
  }
}
