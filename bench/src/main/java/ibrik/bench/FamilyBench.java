package ibrik.bench;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.op.Op;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Benchmarks of a family of ops: a parameter names the op, which is checked against the scalar
/// reference before it is timed.
public abstract class FamilyBench extends OpBench {
  private @Nullable Op op;
  private List<Tensor> in = List.of();
  private Work work = new Work(0, 0);

  /// JMH makes it.
  protected FamilyBench() {}

  /// Makes the inputs, chooses and checks.
  public abstract void open();

  /// Chooses what is timed and checks its result.
  ///
  /// @param depth number of terms behind one output element
  final void use(Op chosen, long depth, Tensor... inputs) {
    choose(chosen, inputs);
    Meaning.check(chosen, in, depth);
  }

  /// Chooses what is timed; the caller has checked it.
  final void choose(Op chosen, Tensor... inputs) {
    op = chosen;
    in = List.of(inputs);
    work = Work.of(chosen, in.stream().map(Tensor::spec).toList());
  }

  final Op op() {
    return Objects.requireNonNull(op, "[bench] open() comes first");
  }

  final List<Tensor> in() {
    return in;
  }

  final Work work() {
    return work;
  }

  final double run(Rates rates) {
    return run(op(), in, work, rates);
  }

  /// A uniform f32 input between 1/2 and 2: every function has a finite value there.
  final Tensor positive(long... dims) {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(dims));
    Device on = Device.parse(device);
    return held(() -> Tensors.uniform(spec, 0.5, 2, Tensors.key(2, inputs(), on)));
  }

  /// Whole numbers below `count` in random order with repetitions, as i32 `[rows]`.
  final Tensor indices(long rows, long count) {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(rows));
    Device on = Device.parse(device);
    return held(
        () -> Tensors.uniform(spec, 0, count - 0.5, Tensors.key(3, inputs(), on)).cast(DType.I32));
  }

  /// Whether each element is above 0, as bool.
  final Tensor mask(Tensor x) {
    return derived(x, from -> from.greater(Tensors.zerosLike(from)));
  }

  static IllegalArgumentException unknown(String op) {
    return new IllegalArgumentException("[bench] unknown op; got " + op);
  }
}
