package ibrik.bench.gpu;

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
import java.util.function.Function;
import java.util.function.Supplier;

/// Work to be timed.
///
/// @param file the kernel's source, whose header is to say what was measured
/// @param bench what is done, as the peers call it
/// @param size its shapes, as the peers write them
/// @param bytes if every input is read once and every output written once
/// @param flops multiplications and additions of the definition
/// @param open makes the inputs on a device
record Case(
    String file,
    String bench,
    String size,
    double bytes,
    double flops,
    Function<Device, Inputs> open) {
  /// Inputs that live as long as the case, and the step that is captured.
  static final class Inputs implements AutoCloseable {
    private final Device device;
    private final List<Variable> held = new ArrayList<>();
    private Supplier<List<Tensor>> step = List::of;

    Inputs(Device device) {
      this.device = device;
    }

    /// Standard normal numbers; the same for the same place among the inputs.
    Tensor normal(long... dims) {
      TensorSpec spec = new TensorSpec(DType.F32, Shape.of(dims));
      return keep(() -> Tensors.normal(spec, 0, 1, Tensors.key(1, held.size(), device)));
    }

    Tensor full(double value, long... dims) {
      TensorSpec spec = new TensorSpec(DType.F32, Shape.of(dims));
      return keep(() -> Tensors.full(spec, value, device));
    }

    /// What `make` makes.
    Tensor keep(Supplier<Tensor> make) {
      try (TensorScope _ = TensorScope.open()) {
        Variable variable = Variable.of("input" + held.size(), make.get());
        held.add(variable);
        return variable.value();
      }
    }

    /// The outputs of `op` for the inputs.
    Inputs op(Op op, Tensor... in) {
      List<Tensor> all = List.of(in);
      return step(() -> Interpreter.current().apply(op, all));
    }

    Inputs step(Supplier<List<Tensor>> what) {
      step = what;
      return this;
    }

    Supplier<List<Tensor>> step() {
      return step;
    }

    @Override
    public void close() {
      held.forEach(Variable::close);
      held.clear();
    }
  }
}
