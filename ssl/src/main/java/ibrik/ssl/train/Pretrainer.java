package ibrik.ssl.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.nn.model.Encoder;
import ibrik.ssl.config.Json;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.method.Method;
import java.nio.file.Files;
import java.util.function.BooleanSupplier;

/// Runs any method on any images: steps, monitors, log, checkpoints, resume.
///
/// A run that was stopped, by whatever, goes on from its last checkpoint and ends with the same
/// bits as one that was not. Owns the networks: close it to free them.
public final class Pretrainer implements AutoCloseable {
  /// What does not change a run's numbers.
  ///
  /// @param workers threads that make views; 0 makes them on the training thread
  /// @param checkpointEvery steps between checkpoints besides those at the ends of epochs; 0: none
  public record Options(int workers, long checkpointEvery) {
    /// Checks the ranges.
    public Options {
      ibrik.ssl.method.Require.notNegative("workers", workers);
      ibrik.ssl.method.Require.notNegative("checkpoint_every", checkpointEvery);
    }
  }

  /// What a run would do, without doing or writing anything: shapes of the first step are checked,
  /// its memory and arithmetic are planned.
  ///
  /// @throws IllegalArgumentException if the networks cannot take the views, or the data does not
  ///   suit the method
  public static TrainListener.Plan plan(RunConfig config, DataSet data) {
    TrainLoop loop = new TrainLoop(config, data);
    try (TrainingState state = loop.newState()) {
      return loop.plan(state, 0);
    }
  }

  /// About how long a step takes here, by making some in `nanos`; nothing of them is kept.
  ///
  /// @throws DivergedException if one of them is not finite
  public static double secondsPerStep(RunConfig config, DataSet data, int workers, long nanos) {
    TrainLoop loop = new TrainLoop(config, data);
    try (TrainingState state = loop.newState()) {
      return loop.secondsPerStep(state, workers, nanos);
    }
  }

  private final RunConfig config;
  private final RunFolder folder;
  private final Options options;
  private final TrainListener listener;
  private final TrainLoop loop;
  private final TrainingState state;
  private final Monitors monitors;
  private final EpochMeter meter = new EpochMeter();
  private long done;
  private long saved = -1;
  private long epochStarted;
  private long epochImages;

  /// A new run, or one that goes on if the folder holds a checkpoint.
  public Pretrainer(
      RunConfig config, DataSet data, RunFolder folder, Options options, TrainListener listener) {
    this.config = config;
    this.folder = folder;
    this.options = options;
    this.listener = listener;
    this.loop = new TrainLoop(config, data);
    this.monitors = new Monitors(config, data);
    this.state = loop.newState();
    try {
      if (Files.exists(folder.checkpoint())) {
        done = Checkpoint.load(folder.checkpoint(), state.variables(), meter);
        saved = done;
      }
      folder.trimLog(done);
    } catch (RuntimeException failed) {
      state.close();
      throw failed;
    }
  }

  /// Trains to the end and says whether it got there: false if `stop` became true. Either way the
  /// last step is in the checkpoint.
  ///
  /// @throws DivergedException if a number is not finite; the last checkpoint is still good
  public boolean train(BooleanSupplier stop) {
    listener.started(loop.plan(state, done));
    if (saved < 0) {
      save(); // so that there is something to go on from, and a full disk shows at once
    }
    startClock();
    loop.run(
        state,
        done,
        options.workers,
        (steps, numbers, late) -> {
          done = steps;
          meter.addLate(numbers.late());
          meter.add(numbers.own());
          epochImages += config.train().batchSize();
          listener.stepped(steps, numbers.own());
          if (steps % loop.stepsPerEpoch() == 0) {
            meter.addLate(late.get());
            endEpoch(Math.toIntExact(steps / loop.stepsPerEpoch()));
          }
          boolean stopping = stop.getAsBoolean();
          boolean due = options.checkpointEvery > 0 && steps % options.checkpointEvery == 0;
          if ((due || stopping) && saved != steps) {
            meter.addLate(late.get());
            save();
          }
          return !stopping;
        });
    return done >= loop.steps();
  }

  private void startClock() {
    epochStarted = System.nanoTime();
    epochImages = 0;
  }

  private void endEpoch(int epoch) {
    double seconds = (System.nanoTime() - epochStarted) / 1e9;
    ObjectNode line = Json.object();
    line.put("epoch", epoch);
    line.put("step", done);
    meter.means().forEach(line::put);
    state.scalars(done - 1).forEach(line::put);
    if (monitors.due(epoch)) {
      monitors.look(state).forEach(line::put);
    }
    line.put("images_per_second", epochImages / seconds);
    line.put("seconds", seconds);
    meter.reset();
    // First the line, then the checkpoint: a line too many is dropped when the run goes on.
    folder.log(line);
    save();
    listener.epochEnded(line);
    startClock();
  }

  private void save() {
    Checkpoint.save(folder.checkpoint(), state.variables(), done, meter);
    saved = done;
  }

  /// Steps done.
  public long done() {
    return done;
  }

  /// Steps of the whole run.
  public long steps() {
    return loop.steps();
  }

  /// The network that is kept.
  public Encoder encoder() {
    return state.method().encoder();
  }

  /// The method, networks and all; it stays the trainer's.
  public Method method() {
    return state.method();
  }

  /// What the loss is when all embeddings are equal.
  public double collapseValue() {
    return state.method().collapseValue();
  }

  @Override
  public void close() {
    state.close();
  }
}
