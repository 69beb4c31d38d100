package ibrik.bench;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Parameter;
import ibrik.nn.Precision;
import ibrik.nn.model.Models;
import ibrik.nn.model.ResNet.Stem;
import ibrik.nn.optim.Optimizer;
import ibrik.nn.optim.Sgd;
import ibrik.nn.optim.WeightDecay;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.MethodFactory.Images;
import ibrik.ssl.method.MethodFactory.Setting;
import ibrik.ssl.method.Methods;
import ibrik.ssl.method.Preset;
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
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
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

/// A training step of a self-supervised method with its own defaults for small colour images: two
/// views forward, loss, gradients, SGD, and what follows, such as the target of BYOL. Views are
/// ready; making them is `AugmentBench`'s. Eagerly and replayed as a [Program].
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 10)
@Measurement(iterations = 5, time = 10)
@Fork(
    value = 3,
    jvmArgsAppend = {
      "-Xms1g",
      "-Xmx1g",
      "-XX:+UseParallelGC",
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED"
    })
public class MethodStepBench {
  /// Name of the method.
  @Param({"simclr", "byol"})
  public String method = "simclr";

  /// Name of the encoder, with the stem for small images.
  @Param({"resnet20", "resnet18"})
  public String model = "resnet20";

  /// `NxH`: images in a batch, height and width.
  @Param("64x32")
  public String batch = "64x32";

  /// Where it runs.
  @Param("cpu")
  public String device = "cpu";

  /// What its layers multiply in: `f32`, `bf16`.
  @Param("f32")
  public String precision = "f32";

  private final List<AutoCloseable> held = new ArrayList<>();
  private @Nullable Training training;
  private @Nullable Program program;
  private Work work = new Work(0, 0);

  /// JMH makes it.
  public MethodStepBench() {}

  /// What is trained.
  private record Training(
      List<Variable> views, Variable labels, Method method, Optimizer optimizer) {
    List<Tensor> step() {
      try (TensorScope scope = TensorScope.open();
          Tape.Run run = Tape.record(this::loss)) {
        optimizer.step(
            run.gradients(optimizer.parameters().stream().map(Parameter::value).toList()));
        method.afterStep();
        return List.of(scope.keep(run.keep(run.value())));
      }
    }

    private Tensor loss() {
      return method.forward(views.stream().map(Variable::value).toList(), labels.value()).loss();
    }
  }

  private <T extends AutoCloseable> T hold(T one) {
    held.add(one);
    return one;
  }

  /// Makes the networks and checks that both ways give the same loss, to the bit.
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
    double want = eager(new Rates());
    double got = replay(new Rates());
    if (got != want) {
      throw new IllegalStateException(
          "[program] the loss must be "
              + want
              + "; got "
              + got
              + "; the replay is wrong, so its speed is not measured");
    }
  }

  private Training training() {
    long[] sizes = Sizes.parse(batch, 2);
    Device on = Device.parse(device);
    TensorSpec images = new TensorSpec(DType.F32, Shape.of(sizes[0], sizes[1], sizes[1], 3));
    Setting setting =
        new Setting(
            new Build(DType.F32, on, 1, "", Precision.valueOf(precision.toUpperCase(Locale.ROOT))),
            build -> Models.create(build, model, 3, 1, Stem.CIFAR, false),
            10,
            Math.toIntExact(sizes[0]),
            1_000_000);
    MethodFactory<?> factory =
        Methods.find(method)
            .orElseThrow(
                () -> new IllegalArgumentException("[bench] unknown method; got " + method));
    Method made = hold(make(factory, new Images(Math.toIntExact(sizes[1]), 3), setting));
    made.networks().values().forEach(ibrik.nn.Module::train);
    made.beforeStep(0);
    List<Variable> views = new ArrayList<>();
    for (int i = 0; i < made.viewCount(); i++) {
      Variable view = hold(Variable.zeros("view" + i, images, on));
      try (TensorScope _ = TensorScope.open()) {
        view.set(Tensors.normal(images, 0, 1, Tensors.key(1, i, on)));
      }
      views.add(view);
    }
    TensorSpec classes = new TensorSpec(DType.I32, Shape.of(sizes[0]));
    Variable labels = hold(Variable.zeros("labels", classes, on));
    Variable lr = hold(Variable.scalar("lr", 1e-3, on));
    Optimizer sgd = hold(new Sgd(made.trainable(), lr, 0.9, false, WeightDecay.weights(5e-4)));
    return new Training(views, labels, made, sgd);
  }

  private static <C extends Record> Method make(
      MethodFactory<C> factory, Images images, Setting setting) {
    return factory.create(factory.defaults(Preset.of(images)), setting);
  }

  /// Op by op.
  @Benchmark
  public double eager(Rates rates) {
    try (TensorScope _ = TensorScope.open()) {
      rates.add(work);
      return Objects.requireNonNull(training, "[bench] open() comes first")
          .step()
          .getFirst()
          .item();
    }
  }

  /// As a program.
  @Benchmark
  public double replay(Rates rates) {
    Program now = Objects.requireNonNull(program, "[bench] open() comes first");
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
