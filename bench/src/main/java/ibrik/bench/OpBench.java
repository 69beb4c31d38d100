package ibrik.bench;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What the benchmarks of single ops share: inputs with fixed seeds that live as long as the trial,
/// and a scope around each run, so that what is timed is what a user's code does.
///
/// Vector kernels were seen to run far below their final speed in their first second, hence the
/// long warm-up.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {
      "-Xms1g",
      "-Xmx1g",
      "-XX:+UseParallelGC",
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED"
    })
public abstract class OpBench {
  /// Where it runs: `cpu`, `reference`, `cuda:0`.
  @Param("cpu")
  public String device = "cpu";

  private final List<Variable> held = new ArrayList<>();

  /// JMH makes it.
  protected OpBench() {}

  /// A normal f32 input of this shape; the same numbers every time.
  Tensor input(long... dims) {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(dims));
    Device on = Device.parse(device);
    return held(() -> Tensors.normal(spec, 0, 1, Tensors.key(1, held.size(), on)));
  }

  /// How many inputs there are: the random stream of the next.
  final int inputs() {
    return held.size();
  }

  /// What `make` makes, kept as long as the trial.
  Tensor held(Supplier<Tensor> make) {
    try (TensorScope _ = TensorScope.open()) {
      Variable variable = Variable.of("input" + held.size(), make.get());
      held.add(variable);
      return variable.value();
    }
  }

  /// An f32 input full of one number.
  Tensor filled(double value, long... dims) {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(dims));
    try (TensorScope _ = TensorScope.open()) {
      Tensor numbers = Tensors.full(spec, value, Device.parse(device));
      Variable variable = Variable.of("input" + held.size(), numbers);
      held.add(variable);
      return variable.value();
    }
  }

  /// An input made from another one.
  Tensor derived(Tensor from, UnaryOperator<Tensor> make) {
    try (TensorScope _ = TensorScope.open()) {
      Variable variable = Variable.of("input" + held.size(), make.apply(from));
      held.add(variable);
      return variable.value();
    }
  }

  /// The unit that is timed: one run, its result freed again. Reading one number makes a device
  /// that works on its own finish.
  static double run(Op op, List<Tensor> in, Work work, Rates rates) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor out = Interpreter.current().apply(op, in).getFirst();
      rates.add(work);
      return out.reshape(-1).narrow(0, 0, 1).item();
    }
  }

  /// Frees the inputs.
  @TearDown(Level.Trial)
  public void close() {
    held.forEach(Variable::close);
    held.clear();
  }
}
