package ibrik.ssl.train;

import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.Batch;
import ibrik.ssl.data.BatchLoader;
import ibrik.ssl.data.DataSet;
import java.util.Map;

/// Steps over batches, from any step to the end. Knows nothing of folders and logs.
final class TrainLoop {
  private final RunConfig config;
  private final DataSet data;
  private final BatchLoader.Plan plan;
  private final long stepsPerEpoch;

  /// What happens around steps.
  interface Hooks {
    /// After a step; false ends the loop.
    boolean stepped(long done, Map<String, Double> numbers);
  }

  /// A loop over the training images of `data`.
  ///
  /// @throws IllegalArgumentException if there are fewer images than a batch has
  TrainLoop(RunConfig config, DataSet data) {
    this.config = config;
    this.data = data;
    this.plan =
        BatchLoader.Plan.of(data, config.views(), config.train().batchSize(), config.seed());
    this.stepsPerEpoch = data.train().size() / config.train().batchSize();
  }

  long stepsPerEpoch() {
    return stepsPerEpoch;
  }

  long steps() {
    return stepsPerEpoch * config.train().epochs();
  }

  TrainingState newState() {
    return new TrainingState(config, data, steps(), stepsPerEpoch);
  }

  /// Trains from step `from` on.
  ///
  /// @param workers threads that make views
  void run(TrainingState state, long from, int workers, Hooks hooks) {
    if (from >= steps()) {
      return;
    }
    state.method().networks().values().forEach(ibrik.nn.Module::train);
    try (TrainStep step = new TrainStep(state, data, config.device());
        BatchLoader loader = new BatchLoader(plan, workers, from)) {
      boolean goOn = true;
      for (long at = from; goOn && at < steps(); at++) {
        Batch batch = loader.next();
        goOn = hooks.stepped(at + 1, step.run(at, batch));
      }
    }
  }
}
