package ibrik.bench.peers;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// This project's side: ops on the cpu backend, eagerly, in a scope.
final class OurSide implements Side {
  private final List<Variable> held = new ArrayList<>();
  private final List<Tensor> in = new ArrayList<>();
  private final Function<List<Tensor>, List<Tensor>> work;

  /// @param work from inputs to results
  OurSide(Function<List<Tensor>, List<Tensor>> work) {
    this.work = work;
  }

  /// Adds an input.
  OurSide input(float[] numbers, long... dims) {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(dims));
    Variable variable = Variable.zeros("input" + held.size(), spec, Device.CPU);
    variable.set(MemorySegment.ofArray(numbers));
    held.add(variable);
    in.add(variable.value());
    return this;
  }

  @Override
  public void run() {
    try (TensorScope _ = TensorScope.open()) {
      var _ = work.apply(in);
    }
  }

  @Override
  public float[] result() {
    try (TensorScope _ = TensorScope.open()) {
      return Numbers.joined(work.apply(in).stream().map(Tensor::toFloats).toArray(float[][]::new));
    }
  }

  @Override
  public void close() {
    held.forEach(Variable::close);
  }
}
