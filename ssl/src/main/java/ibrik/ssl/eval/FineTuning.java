package ibrik.ssl.eval;

import ibrik.autograd.Tape;
import ibrik.nn.Linear;
import ibrik.nn.Module;
import ibrik.nn.Parameter;
import ibrik.nn.optim.Groups;
import ibrik.nn.optim.Sgd;
import ibrik.nn.optim.WeightDecay;
import ibrik.nn.schedule.Schedule;
import ibrik.nn.schedule.ScheduledScalar;
import ibrik.ssl.augment.Views;
import ibrik.ssl.data.Batch;
import ibrik.ssl.data.BatchLoader;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.ImageSet;
import ibrik.ssl.method.Require;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Program;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// Trains the whole encoder and a new linear head with labels: cross-entropy, SGD, the views of
/// [Views#fineTuning], batch norms in train mode. How good a start the encoder is, where
/// [LinearProbe] and [LogisticRegression] say how good it is as it stands.
///
/// The step is captured once and replayed; the same seed gives the same bits, however many workers
/// make views.
public final class FineTuning {
  /// Share of the epochs after which steps fall, and by what: SwAV's 12 and 16 of 20.
  private static final List<Double> MILESTONES = List.of(0.6, 0.8);

  private static final double FALL = 0.2;

  /// Steps in an epoch of few images.
  private static final int LEAST_STEPS = 4;

  private static final int MOST_BATCH = 256;

  private FineTuning() {}

  /// How rates fall from their start.
  public enum Decline {
    /// Along a cosine to 0.
    COSINE,
    /// To a fifth after 60 %, and again after 80 % of the epochs.
    STEPS
  }

  /// A recipe.
  ///
  /// @param encoderLr first learning rate of the encoder, as it stands: not scaled by the batch
  /// @param headLr first learning rate of the head, likewise
  /// @param decline how both fall
  /// @param epochs passes over the labelled images
  /// @param batchSize images per step; the last, incomplete batch of an epoch is left out
  /// @param momentum of SGD, in `[0, 1)`
  /// @param nesterov whether it looks ahead
  /// @param decay weight decay of weights, not of biases and norms
  /// @param seed names the head's first weights, the order of images, crops and flips
  public record Config(
      double encoderLr,
      double headLr,
      Decline decline,
      int epochs,
      int batchSize,
      double momentum,
      boolean nesterov,
      double decay,
      long seed) {
    /// Checks the ranges.
    public Config {
      Require.notNegative("lr", encoderLr);
      Require.positive("head_lr", headLr);
      Require.positive("epochs", epochs);
      Require.positive("batch_size", batchSize);
      Require.check(momentum >= 0 && momentum < 1, "momentum", "in [0, 1)", momentum);
      Require.notNegative("decay", decay);
    }

    /// All labels: one rate, 0.05 for 256 images of a batch, cosine, 30 epochs, no decay (Chen et
    /// al. 2020, arXiv:2002.05709, appendix B.5, as public benchmarks run it).
    ///
    /// @param images with labels
    public static Config full(int images, long seed) {
      int batch = batchFor(images);
      double rate = 0.05 * batch / MOST_BATCH;
      return new Config(rate, rate, Decline.COSINE, 30, batch, 0.9, true, 0, seed);
    }

    /// Some labels: the rates of VICReg's code for 10 % of ImageNet, and from 5 % down for 1 %,
    /// cosine, no decay; 60 epochs, because small sets have few steps in one.
    ///
    /// **Source** Bardes et al. 2022, arXiv:2105.04906.
    ///
    /// @param share of the images that have labels
    /// @param images with labels
    public static Config semi(double share, int images, long seed) {
      boolean few = share <= 0.05;
      return new Config(
          few ? 0.03 : 0.01,
          few ? 0.08 : 0.1,
          Decline.COSINE,
          60,
          batchFor(images),
          0.9,
          false,
          0,
          seed);
    }

    /// The same with other rates.
    public Config withRates(double encoder, double head) {
      return new Config(encoder, head, decline, epochs, batchSize, momentum, nesterov, decay, seed);
    }

    /// The same of another length.
    public Config withEpochs(int passes) {
      return new Config(
          encoderLr, headLr, decline, passes, batchSize, momentum, nesterov, decay, seed);
    }

    /// The same with other batches; rates stay.
    public Config withBatchSize(int size) {
      return new Config(encoderLr, headLr, decline, epochs, size, momentum, nesterov, decay, seed);
    }

    /// The same with rates that fall in another way.
    public Config declining(Decline other) {
      return new Config(
          encoderLr, headLr, other, epochs, batchSize, momentum, nesterov, decay, seed);
    }

    /// The same with weights that decay.
    public Config decaying(double weightDecay) {
      return new Config(
          encoderLr, headLr, decline, epochs, batchSize, momentum, nesterov, weightDecay, seed);
    }

    /// The largest power of two that makes four steps of an epoch, at most 256.
    private static int batchFor(int images) {
      return Math.clamp(Integer.highestOneBit(Math.max(1, images / LEAST_STEPS)), 1, MOST_BATCH);
    }

    Schedule falling(double start, long stepsPerEpoch) {
      long steps = stepsPerEpoch * epochs;
      return switch (decline) {
        case COSINE -> Schedule.cosine(start, 0, steps);
        case STEPS ->
            Schedule.steps(
                start,
                FALL,
                MILESTONES.stream().map(m -> Math.round(m * epochs) * stepsPerEpoch).toList());
      };
    }
  }

  /// Hears of every step.
  @FunctionalInterface
  public interface Listener {
    /// @param done steps done, this one included
    /// @param steps of all
    /// @param loss of the step, mean cross-entropy
    void stepped(long done, long steps, double loss);
  }

  /// What an epoch saw, before each step.
  ///
  /// @param loss mean cross-entropy, natural logarithm
  /// @param accuracy share of the training views classified rightly
  public record Epoch(double loss, double accuracy) {}

  /// What was found.
  ///
  /// @param epochs in order; on training images, so that nothing is chosen by the test set
  /// @param test predictions after the last epoch
  public record Result(List<Epoch> epochs, Predictions test) {
    /// Copies.
    public Result {
      epochs = List.copyOf(epochs);
    }

    /// Share of test images classified rightly after the last epoch.
    public double accuracy() {
      return test.accuracy();
    }
  }

  /// Trains `encoder`, whose numbers change, on `labelled` and classifies the test images of
  /// `data`. The encoder ends in eval mode.
  ///
  /// @param encoder images `[B,H,W,C]` to `[B, features]`; it stays the caller's
  /// @param features width of its features
  /// @param data size, statistics and test images
  /// @param labelled images to train on, each with a label
  /// @param workers threads that make views; 0 makes them on this thread
  /// @throws IllegalArgumentException if an image has no label or a batch is larger than the set
  /// @throws IllegalStateException if the loss is no finite number any more
  public static Result run(
      Module encoder,
      int features,
      DataSet data,
      ImageSet labelled,
      Config config,
      int workers,
      Listener listener) {
    int classes = data.classNames().size();
    checkLabels(labelled, classes);
    checkLabels(data.test(), classes);
    BatchLoader.Plan plan =
        new BatchLoader.Plan(
            labelled,
            data.height(),
            data.width(),
            data.channels(),
            data.mean(),
            data.std(),
            Views.fineTuning(data.height()),
            config.batchSize,
            config.seed);
    Device device = encoder.parameters().getFirst().value().device();
    encoder.train();
    try (Linear head = LinearHead.layer(features, classes, config.seed, device)) {
      List<Epoch> epochs = train(encoder, head, plan, config, workers, listener);
      encoder.eval();
      FeatureBank test = FeatureBank.extract(encoder, data, data.test(), FeatureBank.BATCH);
      return new Result(epochs, LinearHead.classifier(head, Scaler.NONE).predict(test, device));
    }
  }

  private static void checkLabels(ImageSet images, int classes) {
    boolean labelled =
        classes > 1 && IntStream.range(0, images.size()).allMatch(i -> images.label(i) >= 0);
    if (!labelled || images.size() == 0) {
      throw new IllegalArgumentException(
          "[fine_tune] needs labels of at least two classes on training and test images; got "
              + images.size()
              + " images of "
              + classes
              + " classes, not all labelled; choose labelled data");
    }
  }

  private static List<Epoch> train(
      Module encoder,
      Linear head,
      BatchLoader.Plan plan,
      Config config,
      int workers,
      Listener listener) {
    List<Epoch> epochs = new ArrayList<>();
    try (BatchLoader loader = new BatchLoader(plan, workers, 0);
        Step step = new Step(encoder, head, plan, config, loader.stepsPerEpoch())) {
      long steps = (long) config.epochs * loader.stepsPerEpoch();
      double loss = 0;
      double right = 0;
      for (long at = 0; at < steps; at++) {
        Epoch seen = step.run(at, loader.next());
        if (!Double.isFinite(seen.loss)) {
          throw new IllegalStateException(
              String.format(
                  Locale.ROOT,
                  "[fine_tune] the loss must stay finite; got %s in step %,d of %,d; lower the"
                      + " learning rates %s and %s",
                  seen.loss,
                  at + 1,
                  steps,
                  config.encoderLr,
                  config.headLr));
        }
        loss += seen.loss / loader.stepsPerEpoch();
        right += seen.accuracy / loader.stepsPerEpoch();
        if ((at + 1) % loader.stepsPerEpoch() == 0) {
          epochs.add(new Epoch(loss, right));
          loss = 0;
          right = 0;
        }
        listener.stepped(at + 1, steps, seen.loss);
      }
    }
    return epochs;
  }

  /// One captured step. Owns the batch's variables, rates, moments and program.
  private static final class Step implements AutoCloseable {
    private final Module encoder;
    private final Linear head;
    private final Variable images;
    private final Variable labels;
    private final ScheduledScalar encoderRate;
    private final ScheduledScalar headRate;
    private final Groups optimizer;
    private final List<Tensor> parameters;
    private final Program program;

    @SuppressWarnings("MustBeClosedChecker") // the program closes with the step
    Step(Module encoder, Linear head, BatchLoader.Plan plan, Config config, long stepsPerEpoch) {
      this.encoder = encoder;
      this.head = head;
      Device device = head.weight().value().device();
      images = variable("images", DType.F32, plan.shapes().getFirst(), device);
      labels = variable("labels", DType.I32, Shape.of(config.batchSize), device);
      encoderRate = rate("encoder", config, config.encoderLr, stepsPerEpoch, device);
      headRate = rate("head", config, config.headLr, stepsPerEpoch, device);
      optimizer =
          new Groups(
              List.of(
                  sgd(encoder.parameters(), encoderRate, config),
                  sgd(head.parameters(), headRate, config)));
      parameters = optimizer.parameters().stream().map(Parameter::value).toList();
      try {
        program = Program.capture(this::step);
      } catch (RuntimeException refused) {
        closeState();
        throw refused;
      }
    }

    private static Variable variable(String name, DType dtype, Shape shape, Device device) {
      return Variable.zeros("fine_tune." + name, new TensorSpec(dtype, shape), device);
    }

    private static ScheduledScalar rate(
        String name, Config config, double start, long stepsPerEpoch, Device device) {
      return new ScheduledScalar(
          "fine_tune.lr_" + name, config.falling(start, stepsPerEpoch), device);
    }

    private static Sgd sgd(List<Parameter> parameters, ScheduledScalar rate, Config config) {
      return new Sgd(
          parameters,
          rate.variable(),
          config.momentum,
          config.nesterov,
          WeightDecay.weights(config.decay));
    }

    private List<Tensor> step() {
      Tensor[] logits = new Tensor[1];
      try (TensorScope scope = TensorScope.open();
          Tape.Run run =
              Tape.record(
                  () -> {
                    logits[0] = head.forward(encoder.forward(images.value()));
                    return logits[0].softmaxCrossEntropy(labels.value()).mean();
                  })) {
        Tensor right = logits[0].argMax(-1).equal(labels.value()).cast(DType.F32).mean();
        optimizer.step(run.gradients(parameters));
        return List.of(scope.keep(run.keep(run.value())), scope.keep(run.keep(right)));
      }
    }

    Epoch run(long at, Batch batch) {
      encoderRate.moveTo(at);
      headRate.moveTo(at);
      write(batch.views().getFirst(), images);
      write(MemorySegment.ofArray(batch.labels()), labels);
      program.replay();
      return new Epoch(program.outputs().get(0).item(), program.outputs().get(1).item());
    }

    private static void write(MemorySegment from, Variable to) {
      try (TensorScope _ = TensorScope.open()) {
        to.set(Tensor.copyOf(from, to.spec(), to.value().device()));
      }
    }

    private void closeState() {
      optimizer.close();
      encoderRate.close();
      headRate.close();
      images.close();
      labels.close();
    }

    @Override
    public void close() {
      program.close();
      closeState();
    }
  }
}
