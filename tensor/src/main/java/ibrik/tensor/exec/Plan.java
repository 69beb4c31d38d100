package ibrik.tensor.exec;

import ibrik.tensor.Device;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.exec.Trace.Block;
import ibrik.tensor.exec.Trace.Call;
import ibrik.tensor.exec.Trace.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// What a step does and the memory it needs, known before it runs: its ops, the life and the place
/// of every result in one arena, and its arithmetic. [ShapeOnly] makes it, a [Program] runs it;
/// `toString` prints it.
public final class Plan {
  private final Trace trace;
  private final Liveness liveness;
  private final Packing packing;
  private final long lowerBoundBytes;
  private final long[] placeOfBlock;

  private Plan(Trace trace) {
    this.trace = trace;
    this.liveness = Liveness.of(trace);
    List<Packing.Life> lives = liveness.lives();
    this.packing = Packing.of(lives);
    this.lowerBoundBytes = Packing.lowerBound(lives);
    this.placeOfBlock = new long[trace.blocks().size()];
    int next = 0;
    for (Block block : trace.blocks()) {
      if (liveness.planned(block)) {
        placeOfBlock[block.number()] = packing.atBytes()[next++];
      }
    }
  }

  static Plan of(Trace trace) {
    return new Plan(trace);
  }

  Trace trace() {
    return trace;
  }

  // ---- sizes ----

  /// Where it runs.
  public Device device() {
    return trace.device();
  }

  /// Number of ops, free views included.
  public int ops() {
    return trace.calls().size();
  }

  /// Tags of the ops in order, free views included.
  public List<String> tags() {
    return trace.calls().stream().map(call -> call.op().tag()).toList();
  }

  /// Types and shapes of what the step returns.
  public List<TensorSpec> outputs() {
    return trace.outputs().stream().map(Value::spec).toList();
  }

  /// Bytes of the arena: the peak of a replay, beyond the variables.
  public long arenaBytes() {
    return packing.arenaBytes();
  }

  /// Bytes that no arena for these lives could do without.
  public long lowerBoundBytes() {
    return lowerBoundBytes;
  }

  /// The most that the step's tensors hold at once when it runs eagerly, freed as its scopes say.
  public long eagerPeakBytes() {
    return trace.eagerPeakBytes();
  }

  /// Bytes of the outputs that lie in the arena.
  public long outputBytes() {
    Set<Integer> seen = new HashSet<>();
    long bytes = 0;
    for (Value output : trace.outputs()) {
      boolean own = !(output.block() instanceof Block.Outside);
      bytes += own && seen.add(output.number()) ? output.spec().bytes() : 0;
    }
    return bytes;
  }

  /// Bytes of the variables that the step reads or writes.
  public long variableBytes() {
    return bytes(block -> block instanceof Block.Outside(_, var tensor) && tensor.isMutable());
  }

  /// Bytes of the other tensors from outside that the step reads.
  public long outsideBytes() {
    return bytes(block -> block instanceof Block.Outside(_, var tensor) && !tensor.isMutable());
  }

  /// Bytes of the numbers that the host brought while the step was traced; they lie in the arena.
  public long constantBytes() {
    return bytes(block -> block instanceof Block.Constant);
  }

  private long bytes(Predicate<Block> which) {
    return trace.blocks().stream().filter(which).mapToLong(Block::bytes).sum();
  }

  /// Multiplications and additions of one run, by the formulas of [Cost].
  public long flops() {
    return trace.calls().stream().mapToLong(call -> call.cost().flops()).sum();
  }

  /// Bytes that the ops of one run read and write, by the rule of [Cost].
  public long trafficBytes() {
    return trace.calls().stream().mapToLong(call -> call.cost().bytes()).sum();
  }

  // ---- places ----

  /// Where in the arena `value` starts; only for values that do not come from outside.
  long placeBytes(Value value) {
    return placeOfBlock[liveness.home(value)] + value.atBytes();
  }

  /// Where in the arena a planned block starts.
  long placeBytes(Block block) {
    return placeOfBlock[block.number()];
  }

  int first(Value value) {
    return liveness.first(value);
  }

  int last(Value value) {
    return liveness.last(value);
  }

  /// The input whose memory the first output of `call` takes over, or -1.
  int overwritten(Call call) {
    Kernel kernel = call.kernel();
    if (kernel != null && !call.out().isEmpty()) {
      Value out = call.out().getFirst();
      for (int k = 0; k < call.in().size(); k++) {
        if (liveness.home(call.in().get(k)) == liveness.home(out)) {
          return k;
        }
      }
    }
    return -1;
  }

  /// One line per op: number, tag, inputs, and of each output the number, type and shape, bytes,
  /// first and last op that needs it, and place in the arena. Then the totals.
  @Override
  public String toString() {
    return PlanText.of(this, List.of());
  }
}
