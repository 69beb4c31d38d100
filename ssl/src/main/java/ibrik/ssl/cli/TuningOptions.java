package ibrik.ssl.cli;

import ibrik.ssl.config.RunConfig;
import ibrik.ssl.eval.FineTuning;
import ibrik.ssl.train.Tuning;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Flags of the protocols that train the encoder further. What is not given follows the protocol.
final class TuningOptions {
  private static final List<Double> FRACTIONS = List.of(0.01, 0.1);

  @Option(
      names = "--fraction",
      paramLabel = "<x>",
      description = "semi: share of the labels; may be given several times (default: 0.01 and 0.1)")
  private @Nullable List<Double> fractions;

  @Option(
      names = "--epochs",
      paramLabel = "<n>",
      description = "passes over the labelled images (default: 30, semi: 60)")
  private @Nullable Integer epochs;

  @Option(
      names = "--lr",
      paramLabel = "<x>",
      description =
          "learning rate of the encoder, for the batch as it is (default: 0.05 per 256 images,"
              + " semi: 0.03 up to a share of 0.05, else 0.01)")
  private @Nullable Double lr;

  @Option(
      names = "--head-lr",
      paramLabel = "<x>",
      description = "learning rate of the head (default: --lr, semi: 0.08 or 0.1)")
  private @Nullable Double headLr;

  @Option(
      names = "--batch-size",
      paramLabel = "<n>",
      description = "images per step (default: 256, or less where that leaves under 4 steps)")
  private @Nullable Integer batchSize;

  @Option(names = "--decay", paramLabel = "<x>", description = "weight decay (default: 0)")
  private @Nullable Double decay;

  @Option(
      names = "--decline",
      paramLabel = "cosine|steps",
      description = "how the rates fall: cosine, or to a fifth after 60 %% and 80 %% of the epochs")
  private FineTuning.@Nullable Decline decline;

  @Option(
      names = "--tuning-seed",
      paramLabel = "<n>",
      description = "of head, order and crops (default: the run's seed)")
  private @Nullable Long seed;

  @Option(
      names = "--workers",
      paramLabel = "<n>",
      description = "threads that make views (default: 1)")
  private int workers = 1;

  int workers() {
    if (workers < 0) {
      throw new IllegalArgumentException("[eval] --workers must be at least 0; got " + workers);
    }
    return workers;
  }

  /// Shares of labels for the semi-supervised protocol.
  List<Double> fractions() {
    List<Double> asked = fractions == null ? FRACTIONS : fractions;
    for (double share : asked) {
      if (!(share > 0 && share < 1)) {
        throw new IllegalArgumentException(
            "[eval] --fraction must be in (0, 1); got "
                + share
                + "; all labels: ibrik eval fine-tune");
      }
    }
    return asked;
  }

  /// The recipe for a number of labelled images, whose share of all decides the usual rates.
  ///
  /// @param share in (0, 1], 1 for all labels
  IntFunction<FineTuning.Config> recipe(RunConfig run, double share) {
    long names = seed == null ? run.seed() : seed;
    return images -> {
      FineTuning.Config usual =
          share == 1
              ? FineTuning.Config.full(images, names)
              : FineTuning.Config.semi(share, images, names);
      double encoder = lr == null ? usual.encoderLr() : lr;
      double head = headLr != null ? headLr : share == 1 && lr != null ? lr : usual.headLr();
      return usual
          .withRates(encoder, head)
          .withEpochs(Objects.requireNonNullElse(epochs, usual.epochs()))
          .withBatchSize(Objects.requireNonNullElse(batchSize, usual.batchSize()))
          .declining(Objects.requireNonNullElse(decline, usual.decline()))
          .decaying(Objects.requireNonNullElse(decay, usual.decay()));
    };
  }

  /// Numbers of one outcome, each name beginning with `prefix`.
  static void add(Measured found, String prefix, Tuning.Outcome outcome) {
    found.number(prefix + "labels", outcome.labels());
    found.share(prefix + "fine_tune", outcome.tuned().accuracy());
    found.share(prefix + "fine_tune_top5", outcome.tuned().test().topAccuracy(5));
    found.share(prefix + "linear", outcome.frozen().accuracy());
    found.share(prefix + "fine_tune_random_init", outcome.tunedFloor().accuracy());
    found.share(prefix + "linear_random_init", outcome.frozenFloor().accuracy());
    FineTuning.Config recipe = outcome.recipe();
    String name = prefix.isEmpty() ? "fine_tune" : prefix.substring(0, prefix.length() - 1);
    found
        .settings()
        .putObject(name)
        .put("encoder_lr", recipe.encoderLr())
        .put("head_lr", recipe.headLr())
        .put("decline", recipe.decline().name().toLowerCase(Locale.ROOT))
        .put("epochs", recipe.epochs())
        .put("batch_size", recipe.batchSize())
        .put("momentum", recipe.momentum())
        .put("nesterov", recipe.nesterov())
        .put("decay", recipe.decay())
        .put("seed", recipe.seed());
  }
}
