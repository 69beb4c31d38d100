package ibrik.tensor.exec;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.backend.NoBuffer;
import ibrik.tensor.exec.Trace.Block;
import ibrik.tensor.exec.Trace.Call;
import ibrik.tensor.exec.Trace.Value;
import ibrik.tensor.op.Composite;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.RandomOp;
import ibrik.tensor.op.Update;
import java.lang.StackWalker.StackFrame;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Takes the place of [Eval] for one run of a step: checks every op, writes it down and computes
/// nothing. Its tensors have shapes and no numbers.
///
/// Ops without a kernel on the device are replaced by their compositions, as [Eval] would run them.
final class Tracer implements Interpreter {
  /// Who stands between a user's line and the engine's refusal.
  private static final List<String> ENGINE =
      List.of("ibrik.tensor.", "ibrik.autograd.", "java.", "jdk.");

  private final boolean replayed;
  private final IdentityHashMap<Tensor, Value> values = new IdentityHashMap<>();
  private final List<Block> blocks = new ArrayList<>();
  private final List<Value> leaves = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();
  private @Nullable Device device;
  private long liveBytes;
  private long peakBytes;

  private Tracer(boolean replayed) {
    this.replayed = replayed;
  }

  /// Writes down what `step` does.
  ///
  /// @param replayed whether it is to be replayed, and so must not draw the same numbers each time
  /// @throws IllegalStateException if another layer is in force around it, or the step does what
  ///   cannot be traced
  static Trace of(Supplier<List<Tensor>> step, boolean replayed) {
    Interpreter around = Interpreter.current();
    if (around != Eval.INSTANCE) {
      throw new IllegalStateException(
          "[program] a step is traced below all other layers; got a call inside "
              + around.getClass().getSimpleName()
              + "; trace outside of it, and use tapes and other layers inside the step");
    }
    Tracer tracer = new Tracer(replayed);
    try (TensorScope _ = TensorScope.open()) {
      return tracer.finish(Interpreter.with(tracer, step));
    }
  }

  private Trace finish(List<Tensor> outputs) {
    if (device == null) {
      throw new IllegalStateException("[program] the step ran no op: nothing to plan or replay");
    }
    List<Value> results = new ArrayList<>();
    for (Tensor output : outputs) {
      if (output.isClosed()) {
        throw new IllegalStateException(
            "[program] outputs must outlive the step; got output "
                + results.size()
                + ": "
                + output.spec()
                + " made by "
                + output.origin()
                + ", freed inside it; move it out with scope.keep(...) or run.keep(...)");
      }
      results.add(value(output));
    }
    return new Trace(device, blocks, leaves, calls, results, values.size(), peakBytes);
  }

  @Override
  public List<Tensor> apply(Op op, List<Tensor> in) {
    List<TensorSpec> inSpecs = in.stream().map(Tensor::spec).toList();
    List<TensorSpec> outSpecs = op.infer(inSpecs);
    Device here = settle(Route.deviceOf(op, in));
    List<Value> read = in.stream().map(this::value).toList();
    if (op instanceof Update update) {
      Route.checkWritable(update, in);
    }
    return switch (Route.of(op, in, inSpecs, here)) {
      case Route.View(long offset) -> {
        Tensor view = in.getFirst().viewOf(outSpecs.getFirst(), offset, op.tag());
        Value from = read.getFirst();
        long atBytes = from.atBytes() + from.spec().dtype().bytes(offset);
        Value to = enter(view, from.block(), atBytes, from.fixed());
        calls.add(new Call(op, read, List.of(to), null));
        yield List.of(view);
      }
      case Route.Compose(Composite definition) -> Route.compose(op, definition, in, outSpecs, this);
      case Route.Run(Kernel kernel) -> call(op, in, read, outSpecs, kernel);
      case Route.Scalar(Kernel kernel) ->
          call(op, in, read, outSpecs, new HostFallback(op, kernel));
      case Route.Transfer(Device target) -> throw twoDevices(target);
    };
  }

  private List<Tensor> call(
      Op op, List<Tensor> in, List<Value> read, List<TensorSpec> outSpecs, Kernel kernel) {
    boolean fixed = read.stream().allMatch(Value::fixed);
    if (op instanceof RandomOp && fixed && replayed) {
      throw new IllegalStateException(
          "["
              + op.tag()
              + "] the key must come from a Variable, or every replay would draw the same numbers;"
              + " got a fixed key at "
              + caller()
              + "; keep the key in a Variable and move it on by an op of the step");
    }
    List<Tensor> out = new ArrayList<>();
    List<Value> written = new ArrayList<>();
    for (TensorSpec spec : outSpecs) {
      Tensor tensor = phantom(spec, op.tag());
      out.add(tensor);
      Block block = new Block.Temporary(blocks.size(), spec.bytes());
      blocks.add(block);
      written.add(enter(tensor, block, 0, fixed));
    }
    calls.add(new Call(op, read, written, kernel));
    if (op instanceof Update update) {
      // No number changes, but a tape that has recorded the variable must see the mistake.
      update.written().forEach(i -> in.get(i).markWritten());
    }
    return out;
  }

  @Override
  public Tensor upload(MemorySegment source, TensorSpec spec, Device to) {
    settle(to);
    Tensor tensor = phantom(spec, "upload");
    Block block = new Block.Constant(blocks.size(), source.toArray(ValueLayout.JAVA_BYTE));
    blocks.add(block);
    leaves.add(enter(tensor, block, 0, true));
    return tensor;
  }

  @Override
  public void hostAccess(String access, TensorSpec spec) {
    throw new IllegalStateException(
        "[program] the host must not read or write numbers inside a traced step; got "
            + access
            + " of "
            + spec
            + " at "
            + caller()
            + "; return the tensor and read it after replay(), set variables before replay()");
  }

  private Tensor phantom(TensorSpec spec, String origin) {
    liveBytes += spec.bytes();
    peakBytes = Math.max(peakBytes, liveBytes);
    return Tensor.over(
        new NoBuffer(spec.bytes(), bytes -> liveBytes -= bytes),
        spec,
        Objects.requireNonNull(device),
        origin);
  }

  /// The value of `tensor`, which is one from outside if it was not seen before.
  private Value value(Tensor tensor) {
    tensor.buffer(); // complains if it is closed
    Value known = values.get(tensor);
    if (known != null) {
      return known;
    }
    if (!tensor.isComputed()) {
      throw new IllegalStateException(
          "[program] "
              + tensor.spec()
              + " made by "
              + tensor.origin()
              + " belongs to another traced step; it has no numbers");
    }
    settle(tensor.device());
    Block block = new Block.Outside(blocks.size(), tensor);
    blocks.add(block);
    Value value = enter(tensor, block, 0, !tensor.isMutable());
    leaves.add(value);
    return value;
  }

  private Value enter(Tensor tensor, Block block, long atBytes, boolean fixed) {
    Value value = new Value(values.size(), tensor.spec(), block, atBytes, fixed);
    values.put(tensor, value);
    return value;
  }

  /// The step's device: that of the first op.
  private Device settle(Device of) {
    if (device == null) {
      device = of;
    }
    if (!device.equals(of)) {
      throw twoDevices(of);
    }
    return device;
  }

  private IllegalStateException twoDevices(Device other) {
    return new IllegalStateException(
        "[program] a step stays on one device; got "
            + device
            + " and "
            + other
            + " at "
            + caller()
            + "; move tensors before the step with to(device)");
  }

  /// The innermost line outside of the engine.
  private static String caller() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .filter(frame -> ENGINE.stream().noneMatch(frame.getClassName()::startsWith))
                    .findFirst()
                    .map(StackFrame::toStackTraceElement)
                    .map(StackTraceElement::toString)
                    .orElse("an unknown line"));
  }
}
