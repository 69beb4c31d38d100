package ibrik.ssl.train;

import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.Batch;
import ibrik.ssl.data.BatchLoader;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.Require;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.exec.ShapeOnly;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Steps over batches, from any step to the end. Knows nothing of folders and logs.
final class TrainLoop {
  private final RunConfig config;
  private final DataSet data;
  private final BatchLoader.Plan plan;
  private final long stepsPerEpoch;

  /// What happens around steps.
  interface Hooks {
    /// After a step; false ends the loop.
    ///
    /// @param late waits for what the step tells late, and gives it out once
    boolean stepped(long done, TrainStep.Numbers numbers, Supplier<Map<String, Double>> late);
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

  /// Networks as they start.
  ///
  /// @throws IllegalArgumentException if the networks cannot take views of the sizes asked for
  TrainingState newState() {
    TrainingState state = new TrainingState(config, data, steps(), stepsPerEpoch);
    try {
      check(state.method());
      return state;
    } catch (RuntimeException refused) {
      state.close();
      throw refused;
    }
  }

  /// A forward pass in shapes alone: what fails would fail in the first step.
  private void check(Method method) {
    Require.check(
        plan.views().size() == method.viewCount(),
        "views",
        "the " + method.viewCount() + " of this method",
        plan.views().size());
    try {
      ShapeOnly.plan(
          () -> {
            List<Tensor> views =
                plan.shapes().stream().map(shape -> zeros(DType.F32, shape)).toList();
            Tensor labels = zeros(DType.I32, Shape.of(plan.batchSize()));
            return List.of(method.forward(views, labels).loss());
          });
    } catch (IllegalArgumentException refused) {
      List<String> sizes =
          plan.shapes().stream().map(s -> s.dim(1) + "x" + s.dim(2)).distinct().toList();
      throw new IllegalArgumentException(
          "[config] the networks cannot take views of "
              + String.join(" and ", sizes)
              + " pixels: "
              + refused.getMessage(),
          refused);
    }
  }

  private Tensor zeros(DType dtype, Shape shape) {
    return Tensors.zeros(new TensorSpec(dtype, shape), config.device());
  }

  /// What lies ahead after `done` steps.
  TrainListener.Plan plan(TrainingState state, long done) {
    Method method = state.method();
    return new TrainListener.Plan(
        steps(),
        stepsPerEpoch,
        config.train().batchSize(),
        done,
        method.trainable().stream().mapToLong(p -> p.variable().spec().elems()).sum(),
        method.collapseValue(),
        work(state));
  }

  /// What a step needs; null if there is none.
  private @Nullable Work work(TrainingState state) {
    if (steps() == 0) {
      return null;
    }
    state.method().networks().values().forEach(ibrik.nn.Module::train);
    try (TrainStep step = new TrainStep(state, plan.shapes(), config.device())) {
      return step.work();
    }
  }

  /// Seconds of a step: some are made, on a state that is thrown away after it. Later ones count,
  /// when most is compiled; what methods do before an epoch is left out.
  ///
  /// @param workers threads that make views
  /// @param nanos about how long to try
  double secondsPerStep(TrainingState state, int workers, long nanos) {
    state.method().networks().values().forEach(ibrik.nn.Module::train);
    List<Double> seconds = new ArrayList<>();
    try (TrainStep step = new TrainStep(state, plan.shapes(), config.device());
        BatchLoader loader = new BatchLoader(plan, workers, 0)) {
      step.stage(loader.next());
      long start = System.nanoTime();
      long before = start;
      for (long at = 0; at < steps() && (at < 3 || before - start < nanos); at++) {
        step.run(at, () -> step.stage(loader.next()));
        long now = System.nanoTime();
        seconds.add((now - before) / 1e9);
        before = now;
      }
    }
    return seconds.subList(seconds.size() / 2, seconds.size()).stream()
        .mapToDouble(Double::doubleValue)
        .average()
        .orElse(0);
  }

  /// Trains from step `from` on.
  ///
  /// @param workers threads that make views
  void run(TrainingState state, long from, int workers, Hooks hooks) {
    if (from >= steps()) {
      return;
    }
    state.method().networks().values().forEach(ibrik.nn.Module::train);
    try (TrainStep step = new TrainStep(state, plan.shapes(), config.device());
        BatchLoader loader = new BatchLoader(plan, workers, from)) {
      boolean goOn = true;
      step.stage(loader.next());
      for (long at = from; goOn && at < steps(); at++) {
        if (at % stepsPerEpoch == 0) {
          long first = at;
          int epoch = Math.toIntExact(at / stepsPerEpoch);
          state.method().beforeEpoch(epoch, visitor -> sweep(step, workers, first, visitor));
        }
        boolean last = at + 1 == steps();
        Runnable ahead = last ? () -> {} : () -> step.stage(loader.next());
        goOn = hooks.stepped(at + 1, step.run(at, ahead), step::late);
      }
    }
  }

  /// Shows the batches of the epoch that begins with step `first`.
  private void sweep(
      TrainStep step, int workers, long first, BiConsumer<List<Tensor>, int[]> visitor) {
    try (BatchLoader loader = new BatchLoader(plan, workers, first)) {
      for (long at = 0; at < stepsPerEpoch; at++) {
        Batch batch = loader.next();
        try (TensorScope _ = TensorScope.open()) {
          visitor.accept(step.upload(batch), batch.indices());
        }
      }
    }
  }
}
