package ibrik.tensor.exec;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Composite;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Update;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The bottom interpreter: checks, allocates and computes.
///
/// For each op it takes the first that exists: a free view; a custom op's own kernel; a kernel of
/// the device's backend; the op's composed definition; the scalar reference over host memory (said
/// once per op in the log). [Route] decides.
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
    Device device = Route.deviceOf(op, in);
    if (op instanceof Update update) {
      Route.checkWritable(update, in);
    } else {
      TensorScope.current(); // complains if nobody would own the results
    }
    return switch (Route.of(op, in, inSpecs, device)) {
      case Route.View(long offset) ->
          List.of(in.getFirst().viewOf(outSpecs.getFirst(), offset, op.tag()));
      case Route.Transfer(Device target) -> List.of(transfer(in.getFirst(), target));
      case Route.Run(Kernel kernel) -> {
        List<Tensor> out = allocate(op, outSpecs, device);
        kernel.run(in, out);
        yield written(op, in, out);
      }
      case Route.Compose(Composite definition) -> Route.compose(op, definition, in, outSpecs, this);
      case Route.Scalar(Kernel kernel) -> {
        List<Tensor> out = allocate(op, outSpecs, device);
        if (reported.add(
            op.tag() + "@" + device + inSpecs.stream().map(TensorSpec::dtype).toList())) {
          LOG.log(
              Level.INFO,
              "{0} on {1} has no kernel for {2}: runs on the scalar reference",
              op.tag(),
              device,
              inSpecs);
        }
        new HostFallback(op, kernel).run(in, out);
        yield written(op, in, out);
      }
    };
  }

  private static List<Tensor> written(Op op, List<Tensor> in, List<Tensor> out) {
    if (op instanceof Update update) {
      update.written().forEach(i -> in.get(i).markWritten());
    }
    return out;
  }

  /// A copy of `x` on `target`.
  static Tensor transfer(Tensor x, Device target) {
    if (x.buffer().host() != null || !x.isComputed()) {
      return Tensor.copyOf(x.data(), x.spec(), target);
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor host = Tensor.allocate(x.spec(), Device.CPU, "to_device");
      Backends.of(x.device()).download(x.buffer(), x.offsetBytes(), host.data(), x.spec().bytes());
      return scope.keep(
          target.equals(Device.CPU) ? host : Tensor.copyOf(host.data(), x.spec(), target));
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
}
