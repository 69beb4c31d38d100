package ibrik.tensor.exec;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Backend;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Composite;
import ibrik.tensor.op.Create;
import ibrik.tensor.op.CustomOp;
import ibrik.tensor.op.Layout;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Update;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The bottom interpreter: checks, allocates and computes.
///
/// For each op it takes the first that exists: a free view; a custom op's own kernel; a kernel of
/// the device's backend; the op's composed definition; the scalar reference over host memory (said
/// once per op in the log).
public final class Eval implements Interpreter {
  /// The interpreter used where no other is bound.
  public static final Eval INSTANCE = new Eval();

  private static final Logger LOG = System.getLogger(Eval.class.getName());

  private final Set<String> reported = ConcurrentHashMap.newKeySet();

  private Eval() {}

  @Override
  public List<Tensor> apply(Op op, List<Tensor> in) {
    List<TensorSpec> inSpecs = in.stream().map(Tensor::spec).toList();
    List<TensorSpec> outSpecs = op.infer(inSpecs);
    Device device = deviceOf(op, in);
    if (!(op instanceof Update)) {
      TensorScope.current(); // complains if nobody would own the results
    }
    if (op instanceof Layout layout) {
      Tensor view = view(layout, in, outSpecs.getFirst());
      if (view != null) {
        return List.of(view);
      }
      if (layout instanceof Layout.ToDevice) {
        return List.of(transfer(in.getFirst(), device));
      }
    }
    if (op instanceof Update update) {
      checkWritable(update, in);
    }
    Kernel kernel = op instanceof CustomOp custom ? custom.kernel(device, inSpecs) : null;
    kernel = kernel == null ? Backends.of(device).kernel(op, inSpecs) : kernel;
    if (kernel == null && op instanceof Composite composite) {
      return compose(op, composite, in, outSpecs);
    }
    List<Tensor> out = allocate(op, outSpecs, device);
    if (kernel != null) {
      kernel.run(in, out);
    } else {
      fallBack(op, in, inSpecs, out, device);
    }
    if (op instanceof Update update) {
      update.written().forEach(i -> in.get(i).markWritten());
    }
    return out;
  }

  private static Device deviceOf(Op op, List<Tensor> in) {
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

  /// Views share memory; only whole leading slices are contiguous.
  private static @Nullable Tensor view(Layout op, List<Tensor> in, TensorSpec out) {
    Tensor x = in.getFirst();
    return switch (op) {
      case Layout.Reshape _, Layout.Detach _ -> x.viewOf(out, 0, op.tag());
      case Layout.Narrow narrow when x.shape().elemsBefore(narrow.axis()) == 1 ->
          x.viewOf(out, narrow.start() * x.shape().elemsAfter(narrow.axis()), op.tag());
      case Layout.ToDevice to when to.device().equals(x.device()) -> x.viewOf(out, 0, op.tag());
      default -> null;
    };
  }

  private static Tensor transfer(Tensor x, Device target) {
    if (x.buffer().host() != null) {
      return Tensor.copyOf(x.data(), x.spec(), target);
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor host = Tensor.allocate(x.spec(), Device.CPU, "to_device");
      Backends.of(x.device()).download(x.buffer(), x.offsetBytes(), host.data(), x.spec().bytes());
      return scope.keep(
          target.equals(Device.CPU) ? host : Tensor.copyOf(host.data(), x.spec(), target));
    }
  }

  private static void checkWritable(Update update, List<Tensor> in) {
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

  private static List<Tensor> allocate(Op op, List<TensorSpec> specs, Device device) {
    try (TensorScope scope = TensorScope.onFailure()) {
      List<Tensor> out = new ArrayList<>(specs.size());
      for (TensorSpec spec : specs) {
        out.add(Tensor.allocate(spec, device, op.tag()));
      }
      scope.succeed();
      return out;
    }
  }

  private List<Tensor> compose(
      Op op, Composite composite, List<Tensor> in, List<TensorSpec> outSpecs) {
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> out = Interpreter.with(this, () -> composite.compose(in));
      List<TensorSpec> got = out.stream().map(Tensor::spec).toList();
      if (!got.equals(outSpecs)) {
        throw new IllegalStateException(
            "[" + op.tag() + "] composition must give " + outSpecs + "; got " + got);
      }
      return scope.keep(out);
    }
  }

  private void fallBack(
      Op op, List<Tensor> in, List<TensorSpec> inSpecs, List<Tensor> out, Device device) {
    Kernel scalar = Backends.of(Device.REFERENCE).kernel(op, inSpecs);
    if (scalar == null) {
      throw new UnsupportedOperationException(
          "["
              + op.tag()
              + "] no kernel for "
              + inSpecs
              + " on "
              + device
              + " and none in the reference; working types are f32, f64, i32, i64, u8, bool");
    }
    if (reported.add(op.tag() + "@" + device + inSpecs.stream().map(TensorSpec::dtype).toList())) {
      LOG.log(
          Level.INFO,
          "{0} on {1} has no kernel for {2}: runs on the scalar reference",
          op.tag(),
          device,
          inSpecs);
    }
    Backend backend = Backends.of(device);
    boolean onHost =
        in.stream().allMatch(t -> t.buffer().host() != null)
            && out.stream().allMatch(t -> t.buffer().host() != null);
    if (onHost) {
      scalar.run(in, out);
      return;
    }
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> hostIn = in.stream().map(t -> transfer(t, Device.REFERENCE)).toList();
      List<Tensor> hostOut =
          out.stream().map(t -> Tensor.allocate(t.spec(), Device.REFERENCE, op.tag())).toList();
      scalar.run(hostIn, hostOut);
      for (int i = 0; i < out.size(); i++) {
        backend.upload(hostOut.get(i).data(), out.get(i).buffer(), 0, out.get(i).spec().bytes());
      }
      if (op instanceof Update update) {
        for (int i : update.written()) {
          backend.upload(
              hostIn.get(i).data(),
              in.get(i).buffer(),
              in.get(i).offsetBytes(),
              in.get(i).spec().bytes());
        }
      }
    }
  }
}
