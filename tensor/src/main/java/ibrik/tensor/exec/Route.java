package ibrik.tensor.exec;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Composite;
import ibrik.tensor.op.Create;
import ibrik.tensor.op.CustomOp;
import ibrik.tensor.op.Layout;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Update;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How an op is carried out, decided from attributes, types and device alone: by [Eval] for every
/// call, by a [Program] once.
///
/// The first that exists: a free view; a custom op's own kernel; a kernel of the device's backend;
/// the op's composed definition; the scalar reference over host memory.
sealed interface Route {
  /// Shares the memory of the only input, `offsetElems` further on.
  record View(long offsetElems) implements Route {}

  /// Copies to another device.
  record Transfer(Device target) implements Route {}

  /// Runs a kernel of the device.
  record Run(Kernel kernel) implements Route {}

  /// Runs smaller ops.
  record Compose(Composite definition) implements Route {}

  /// Runs the reference's kernel over host memory.
  record Scalar(Kernel kernel) implements Route {}

  /// The route of `op` for these inputs on `device`, that of [#deviceOf].
  ///
  /// @throws UnsupportedOperationException if there is none
  static Route of(Op op, List<Tensor> in, List<TensorSpec> specs, Device device) {
    if (op instanceof Layout layout) {
      Route free = layout(layout, in.getFirst());
      if (free != null) {
        return free;
      }
    }
    Kernel kernel = op instanceof CustomOp custom ? custom.kernel(device, specs) : null;
    kernel = kernel == null ? Backends.of(device).kernel(op, specs) : kernel;
    if (kernel != null) {
      return new Run(kernel);
    }
    if (op instanceof Composite composite) {
      return new Compose(composite);
    }
    Kernel scalar = Backends.of(Device.REFERENCE).kernel(op, specs);
    if (scalar == null) {
      throw new UnsupportedOperationException(
          "["
              + op.tag()
              + "] no kernel for "
              + specs
              + " on "
              + device
              + " and none in the reference; working types are f32, f64, i32, i64, u8, bool");
    }
    return new Scalar(scalar);
  }

  /// Views share memory; only whole leading slices are contiguous.
  private static @Nullable Route layout(Layout op, Tensor x) {
    return switch (op) {
      case Layout.Reshape _, Layout.Detach _ -> new View(0);
      case Layout.Narrow narrow when x.shape().elemsBefore(narrow.axis()) == 1 ->
          new View(narrow.start() * x.shape().elemsAfter(narrow.axis()));
      case Layout.ToDevice(Device target) ->
          target.equals(x.device()) ? new View(0) : new Transfer(target);
      default -> null;
    };
  }

  /// Where `op` runs: on the device of its inputs, unless it names one.
  ///
  /// @throws IllegalArgumentException if the inputs live on several devices, or there is none
  static Device deviceOf(Op op, List<Tensor> in) {
    switch (op) {
      case Create create -> {
        return create.device();
      }
      case Layout.ToDevice(Device target) -> {
        return target;
      }
      default -> {}
    }
    if (in.isEmpty()) {
      throw new IllegalArgumentException("[" + op.tag() + "] needs at least one tensor");
    }
    Device device = in.getFirst().device();
    for (Tensor tensor : in) {
      if (!tensor.device().equals(device)) {
        throw new IllegalArgumentException(
            "["
                + op.tag()
                + "] all tensors must live on one device; got "
                + device
                + " and "
                + tensor.device()
                + "; move one with to(device)");
      }
    }
    return device;
  }

  /// Update ops write to variables only.
  ///
  /// @throws IllegalArgumentException naming the first input that is none
  static void checkWritable(Update update, List<Tensor> in) {
    for (int i : update.written()) {
      if (!in.get(i).isMutable()) {
        throw new IllegalArgumentException(
            "["
                + update.tag()
                + "] input "
                + i
                + " is written in place and must be the value of a"
                + " Variable; got "
                + in.get(i).spec()
                + " made by "
                + in.get(i).origin());
      }
    }
  }

  /// Runs the definition of `op` under `interpreter`; its results move to the scope around.
  ///
  /// @throws IllegalStateException if they are not what the op's shape rule says
  static List<Tensor> compose(
      Op op,
      Composite definition,
      List<Tensor> in,
      List<TensorSpec> outSpecs,
      Interpreter interpreter) {
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> out = Interpreter.with(interpreter, () -> definition.compose(in));
      List<TensorSpec> got = out.stream().map(Tensor::spec).toList();
      if (!got.equals(outSpecs)) {
        throw new IllegalStateException(
            "[" + op.tag() + "] composition must give " + outSpecs + "; got " + got);
      }
      return scope.keep(out);
    }
  }
}
