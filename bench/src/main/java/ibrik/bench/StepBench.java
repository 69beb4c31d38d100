package ibrik.bench;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Linear;
import ibrik.nn.Parameter;
import ibrik.nn.model.Encoder;
import ibrik.nn.model.Models;
import ibrik.nn.model.ResNet.Stem;
import ibrik.nn.optim.Optimizer;
import ibrik.nn.optim.Sgd;
import ibrik.nn.optim.WeightDecay;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Plan;
import ibrik.tensor.exec.Program;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// A training step - forward, cross entropy, gradients, SGD with momentum - run eagerly and
/// replayed as a [Program]. Work is that of the step's ops by their definitions, the same for both.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(java.util.concurrent.TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(
    value = 3,
    jvmArgsAppend = {
      "-Xms1g",
      "-Xmx1g",
      "-XX:+UseParallelGC",
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED"
    })
public class StepBench {
  /// Name of the encoder, with the stem for small images.
  @Param({"resnet8", "resnet20", "resnet18"})
  public String model = "resnet8";

  /// `NxHxC`: images in a batch, height and width, channels. The last is so small that what
  /// surrounds the kernels shows.
  @Param({"64x32x3", "128x28x1", "2x8x1"})
  public String batch = "2x8x1";

  /// Where it runs.
  @Param("cpu")
  public String device = "cpu";

  private final List<AutoCloseable> held = new ArrayList<>();
  private @Nullable Training training;
  private @Nullable Program program;
  private Work work = new Work(0, 0);

  /// JMH makes it.
  public StepBench() {}

  /// What is trained.
  private record Training(
      Variable images, Variable labels, Encoder encoder, Linear head, Optimizer optimizer) {
    List<Tensor> step() {
      try (TensorScope scope = TensorScope.open();
          Tape.Run run = Tape.record(this::loss)) {
        optimizer.step(
            run.gradients(optimizer.parameters().stream().map(Parameter::value).toList()));
        return List.of(scope.keep(run.keep(run.value())));
      }
    }

    private Tensor loss() {
      Tensor logits = head.forward(encoder.forward(images.value()));
      return logits.softmaxCrossEntropy(labels.value()).mean();
    }
  }

  private <T extends AutoCloseable> T hold(T one) {
    held.add(one);
    return one;
  }

  /// Makes the network and checks that both ways give the same loss, to the bit.
  @Setup(Level.Trial)
  @SuppressWarnings("MustBeClosedChecker") // close() does
  public void open() {
    Training eager = training();
    Training replayed = training();
    Program step = hold(Program.capture(replayed::step));
    training = eager;
    program = step;
    Plan plan = step.plan();
    work = new Work(plan.flops(), plan.trafficBytes());
    for (int i = 0; i < 2; i++) {
      double want = eager(new Rates());
      double got = replay(new Rates());
      if (got != want) {
        throw new IllegalStateException(
            "[program] the loss of step "
                + i
                + " must be "
                + want
                + "; got "
                + got
                + "; the replay is wrong, so its speed is not measured");
      }
    }
  }

  private Training training() {
    long[] sizes = Sizes.parse(batch, 3);
    Device on = Device.parse(device);
    Build build = new Build(DType.F32, on, 1, "");
    int channels = Math.toIntExact(sizes[2]);
    TensorSpec images = new TensorSpec(DType.F32, Shape.of(sizes[0], sizes[1], sizes[1], channels));
    Variable x = hold(Variable.zeros("images", images, on));
    try (TensorScope _ = TensorScope.open()) {
      x.set(Tensors.normal(images, 0, 1, Tensors.key(1, 0, on)));
    }
    TensorSpec classes = new TensorSpec(DType.I32, Shape.of(sizes[0]));
    Variable labels = hold(Variable.zeros("labels", classes, on));
    Variable lr = hold(Variable.scalar("lr", 1e-3, on));
    Encoder encoder =
        hold(Models.create(build.child("encoder"), model, channels, 1, Stem.CIFAR, false));
    Linear head = hold(new Linear(build.child("head"), encoder.featureDim(), 10, true));
    List<Parameter> all = new ArrayList<>(encoder.parameters());
    all.addAll(head.parameters());
    Optimizer sgd = hold(new Sgd(all, lr, 0.9, false, WeightDecay.weights(1e-4)));
    return new Training(x, labels, encoder, head, sgd);
  }

  /// Op by op.
  @Benchmark
  public double eager(Rates rates) {
    Training now = training;
    if (now == null) {
      throw new IllegalStateException("[bench] open() comes first");
    }
    try (TensorScope _ = TensorScope.open()) {
      rates.add(work);
      return now.step().getFirst().item();
    }
  }

  /// As a program.
  @Benchmark
  public double replay(Rates rates) {
    Program now = program;
    if (now == null) {
      throw new IllegalStateException("[bench] open() comes first");
    }
    now.replay();
    rates.add(work);
    return now.outputs().getFirst().item();
  }

  /// Frees everything.
  @TearDown(Level.Trial)
  public void close() throws Exception {
    for (AutoCloseable one : held.reversed()) {
      one.close();
    }
    held.clear();
  }
}
