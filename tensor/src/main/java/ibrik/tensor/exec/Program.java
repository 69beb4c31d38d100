package ibrik.tensor.exec;

import com.google.errorprone.annotations.MustBeClosed;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Backend;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.backend.Recording;
import ibrik.tensor.exec.Trace.Block;
import ibrik.tensor.exec.Trace.Call;
import ibrik.tensor.exec.Trace.Value;
import ibrik.tensor.op.Update;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A step that was traced once and is replayed: kernels are looked up, memory is planned and places
/// are bound beforehand; a replay walks the list of kernels. Same bits as the eager step.
///
/// ```java
/// Variable images = Variable.zeros("images", spec, device);    // the batch
/// try (Program step =
///     Program.capture(
///         () -> {
///           try (var scope = TensorScope.open();
///               var run = Tape.record(() -> loss(images.value()))) {
///             optimizer.step(run.gradients(parameters));         // update ops
///             ema.step();
///             return List.of(scope.keep(run.keep(run.value())));
///           }
///         })) {
///   for (long i = 0; i < steps; i++) {
///     images.set(batch);                                       // what changes: Variables
///     schedule.moveTo(i);
///     step.replay();
///     log(step.outputs().getFirst().item());                   // what comes out: outputs
///   }
/// }
/// ```
///
/// Tracing computes nothing and changes no variable: the first replay is the first step. The Java
/// code of the step runs once, so what it decides is decided for all replays: modes, branches,
/// numbers in attributes. What is to change from step to step is a [ibrik.tensor.Variable]: batch,
/// learning rate, random key, counters. Rules for the step:
///
/// - It reads no numbers on the host (`item()`, `data()`, ...) and sets no variable from there;
///   either is an [IllegalStateException] that names the line.
/// - Numbers it brings from the host (`Tensor.of`) are constants, copied once. A random key that
///   does not come from a variable is an error, for every replay would draw the same numbers.
/// - Variables and other tensors from outside must stay open as long as the program is replayed.
/// - Shapes are fixed: a batch of another size needs a program of its own.
/// - All of it happens on one device.
///
/// Outputs are the same tensors after every replay, with new numbers; copy what must last. Closing
/// frees the arena, and with it the outputs. One thread at a time.
///
/// On a GPU the second replay takes the launches down in a graph, and each one from then on is a
/// single call; only ops without a kernel there still go over the host, one by one.
public final class Program implements AutoCloseable {
  private final Plan plan;
  private final Tensor arena;
  private final Backend backend;
  private final List<Bound> walk = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();
  private final List<Tensor> outside = new ArrayList<>();
  private final List<Tensor> outputs;

  /// An op that is ready to run, and what its watched runs took.
  private static final class Bound {
    final int number;
    final Call call;
    final Kernel kernel;
    final List<Tensor> in;
    final List<Tensor> out;
    final Tensor[] written;
    final long bytes;
    long calls;
    long nanos;

    Bound(int number, Call call, Kernel kernel, List<Tensor> in, List<Tensor> out) {
      this.number = number;
      this.call = call;
      this.kernel = kernel;
      this.in = in;
      this.out = out;
      this.written =
          call.op() instanceof Update update
              ? update.written().stream().map(in::get).toArray(Tensor[]::new)
              : new Tensor[0];
      this.bytes = call.cost().bytes();
    }

    void run() {
      kernel.run(in, out);
      mark();
    }

    void mark() {
      for (Tensor tensor : written) {
        tensor.markWritten();
      }
    }

    void run(Profiler profiler, Backend backend, int device) {
      backend.synchronize(device);
      long start = System.nanoTime();
      run();
      backend.synchronize(device);
      long took = System.nanoTime() - start;
      calls++;
      nanos += took;
      profiler.add(call.op().tag(), took, bytes);
    }
  }

  /// Neighbouring ops that the backend may take down and run at once. The first run is an ordinary
  /// one: kernels are compiled and work memory is found. An op that goes over the host is a part of
  /// its own.
  private static final class Part {
    final Backend backend;
    final int device;
    final List<Bound> ops = new ArrayList<>();
    boolean recordable;
    boolean ran;
    @Nullable Recording recording;

    Part(Backend backend, int device, boolean recordable) {
      this.backend = backend;
      this.device = device;
      this.recordable = recordable;
    }

    void run() {
      if (ran && recordable && recording == null) {
        recording = backend.record(device, () -> ops.forEach(op -> op.kernel.run(op.in, op.out)));
        recordable = recording != null;
      }
      if (recording == null) {
        ops.forEach(Bound::run);
      } else {
        recording.replay();
        ops.forEach(Bound::mark);
      }
      ran = true;
    }

    void close() {
      if (recording != null) {
        recording.close();
      }
    }
  }

  private Program(Plan plan) {
    this.plan = plan;
    this.backend = Backends.of(plan.device());
    TensorSpec bytes = new TensorSpec(DType.U8, Shape.of(plan.arenaBytes()));
    this.arena = Tensor.unscoped(bytes, plan.device(), "program");
    try {
      this.outputs = fill();
    } catch (RuntimeException | Error failed) {
      arena.close();
      throw failed;
    }
  }

  private List<Tensor> fill() {
    Tensor[] bound = new Tensor[plan.trace().valueCount()];
    for (int i = 0; i < plan.ops(); i++) {
      Call call = plan.trace().calls().get(i);
      Kernel kernel = call.kernel();
      if (kernel != null) {
        add(new Bound(i, call, kernel, bind(call.in(), bound), bind(call.out(), bound)));
      }
    }
    for (Block block : plan.trace().blocks()) {
      switch (block) {
        case Block.Constant constant ->
            backend.upload(
                MemorySegment.ofArray(constant.numbers()),
                arena.buffer(),
                plan.placeBytes(constant),
                constant.bytes());
        case Block.Outside(_, Tensor tensor) -> outside.add(tensor);
        case Block.Temporary _ -> {}
      }
    }
    // Handles of their own: a user who closes one does not stop the replays.
    return plan.trace().outputs().stream().map(this::handle).toList();
  }

  private void add(Bound op) {
    walk.add(op);
    boolean overHost = op.kernel instanceof HostFallback && arena.buffer().host() == null;
    if (parts.isEmpty() || overHost || !parts.getLast().recordable) {
      parts.add(new Part(backend, plan.device().index(), !overHost));
    }
    parts.getLast().ops.add(op);
  }

  private List<Tensor> bind(List<Value> values, Tensor[] bound) {
    Tensor[] tensors = new Tensor[values.size()];
    for (int i = 0; i < tensors.length; i++) {
      Value value = values.get(i);
      if (bound[value.number()] == null) {
        bound[value.number()] = handle(value);
      }
      tensors[i] = bound[value.number()];
    }
    return List.of(tensors);
  }

  private Tensor handle(Value value) {
    return value.block() instanceof Block.Outside(_, Tensor tensor)
        ? tensor.borrow(value.spec(), value.atBytes(), tensor.origin())
        : arena.borrow(value.spec(), plan.placeBytes(value), "program");
  }

  /// Traces `step`, plans its memory and takes it. The program owns the memory: close it.
  ///
  /// @throws IllegalStateException if the step breaks a rule of the class
  /// @throws IllegalArgumentException where an op's rules on types and shapes are not met
  @MustBeClosed
  public static Program capture(Supplier<List<Tensor>> step) {
    return new Program(Plan.of(Tracer.of(step, true)));
  }

  /// Runs the step. Under a [Profiler] each op is timed, for its table and for [#profile()].
  ///
  /// @throws IllegalStateException if the program or a tensor from outside is closed, or under
  ///   another layer, which would not see the ops
  public void replay() {
    checkReady();
    switch (Interpreter.current()) {
      case Eval _ -> parts.forEach(Part::run);
      case Profiler.ProfilerLayer(Profiler profiler, Eval _) ->
          walk.forEach(op -> op.run(profiler, backend, plan.device().index()));
      case Interpreter other ->
          throw new IllegalStateException(
              "[program] a replay is no sequence of ops that layers could see; got a call inside "
                  + other.getClass().getSimpleName()
                  + "; replay outside of it");
    }
  }

  private void checkReady() {
    if (arena.isClosed()) {
      throw new IllegalStateException("[program] this program is closed; capture the step again");
    }
    for (int i = 0; i < outside.size(); i++) {
      Tensor tensor = outside.get(i);
      if (tensor.isClosed()) {
        throw new IllegalStateException(
            "[program] tensors from outside must stay open; got "
                + tensor.origin()
                + " "
                + tensor.spec()
                + ", closed since the step was captured; keep it, or capture the step again");
      }
    }
  }

  /// What the step returned: the same tensors every time, with the numbers of the last replay.
  public List<Tensor> outputs() {
    return outputs;
  }

  /// The ops, their memory and the totals.
  public Plan plan() {
    return plan;
  }

  /// What each op took in the replays under a [Profiler], in order; without free views.
  public List<OpTime> profile() {
    long total = Math.max(1, walk.stream().mapToLong(op -> op.nanos).sum());
    return walk.stream()
        .map(
            op ->
                new OpTime(
                    op.number + " " + op.call.op().tag(),
                    op.calls,
                    op.nanos,
                    op.calls * op.bytes,
                    (double) op.nanos / total))
        .toList();
  }

  /// The plan; after replays under a [Profiler] with the time of each op.
  @Override
  public String toString() {
    List<Long> nanos = new ArrayList<>(Collections.nCopies(plan.ops(), 0L));
    walk.forEach(op -> nanos.set(op.number, op.nanos / Math.max(1, op.calls)));
    boolean timed = walk.stream().anyMatch(op -> op.calls > 0);
    return PlanText.of(plan, timed ? nanos : List.of());
  }

  /// Frees the arena. A second close does nothing.
  @Override
  public void close() {
    parts.forEach(Part::close);
    arena.close();
  }
}
