package ibrik.tensor.exec;

import ibrik.tensor.backend.Kernel;
import ibrik.tensor.exec.Packing.Life;
import ibrik.tensor.exec.Trace.Block;
import ibrik.tensor.exec.Trace.Call;
import ibrik.tensor.exec.Trace.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// From which op to which op each block of a step is needed, and which blocks are the same memory.
///
/// A block is needed from the op that makes it to the last op that reads it or a view of it;
/// outputs to the end, constants always. Where a block is read for the last time by a kernel that
/// allows it ([Kernel#mayOverwrite]), the kernel's first output takes its place.
final class Liveness {
  private static final int OUTSIDE = -1;

  private final Trace trace;

  /// Block number to that of the block whose memory it is; itself for most.
  private final int[] home;

  private final int[] first;

  /// Last op that needs the block itself.
  private final int[] last;

  /// Last op that needs the memory of the block, by whatever block it was taken over.
  private int[] until = {};

  private Liveness(Trace trace) {
    this.trace = trace;
    int count = trace.blocks().size();
    home = new int[count];
    first = new int[count];
    last = new int[count];
    Arrays.setAll(home, i -> i);
    Arrays.fill(first, OUTSIDE);
    Arrays.fill(last, OUTSIDE);
  }

  static Liveness of(Trace trace) {
    Liveness liveness = new Liveness(trace);
    liveness.mark();
    liveness.until = liveness.last.clone();
    liveness.reuse();
    return liveness;
  }

  /// One past the last op: when outputs are read.
  private int end() {
    return trace.calls().size();
  }

  private void mark() {
    for (Block block : trace.blocks()) {
      if (block instanceof Block.Constant) {
        first[block.number()] = 0;
        last[block.number()] = end();
      }
    }
    for (int i = 0; i < trace.calls().size(); i++) {
      Call call = trace.calls().get(i);
      if (call.kernel() != null) {
        for (Value out : call.out()) {
          first[out.block().number()] = i;
          need(out, i);
        }
        for (Value in : call.in()) {
          need(in, i);
        }
      }
    }
    trace.outputs().forEach(output -> need(output, end()));
  }

  private void need(Value value, int when) {
    int block = value.block().number();
    if (!(value.block() instanceof Block.Outside)) {
      last[block] = Math.max(last[block], when);
    }
  }

  private void reuse() {
    for (int i = 0; i < trace.calls().size(); i++) {
      Call call = trace.calls().get(i);
      Kernel kernel = call.kernel();
      if (kernel == null || call.out().isEmpty()) {
        continue;
      }
      Value out = call.out().getFirst();
      for (int k = 0; k < call.in().size(); k++) {
        if (mayTake(i, call, kernel, k, out)) {
          int taken = home[call.in().get(k).block().number()];
          int block = out.block().number();
          home[block] = taken;
          until[taken] = last[block];
          break;
        }
      }
    }
  }

  /// Whether `out` may take the place of input `k`: it fills it, nobody reads it later, and the
  /// kernel allows it for every input that lies there.
  private boolean mayTake(int when, Call call, Kernel kernel, int k, Value out) {
    Value in = call.in().get(k);
    int place = home[in.block().number()];
    if (!(in.block() instanceof Block.Temporary)
        || until[place] != when
        || out.spec().bytes() == 0
        || out.spec().bytes() != in.block().bytes()) {
      return false;
    }
    for (int j = 0; j < call.in().size(); j++) {
      Value other = call.in().get(j);
      if (home[other.block().number()] == place && !(kernel.mayOverwrite(j) && other.whole())) {
        return false;
      }
    }
    return true;
  }

  /// The block whose memory `value` lies in.
  int home(Value value) {
    return home[value.block().number()];
  }

  /// Number of the op that makes the block of `value`.
  int first(Value value) {
    return first[value.block().number()];
  }

  /// Number of the last op that needs the block of `value`; the number of ops for outputs and
  /// constants.
  int last(Value value) {
    return last[value.block().number()];
  }

  /// Whether `block` gets a place of its own in the arena.
  boolean planned(Block block) {
    return home[block.number()] == block.number() && !(block instanceof Block.Outside);
  }

  /// The lives of the planned blocks, in order of their numbers.
  List<Life> lives() {
    List<Life> lives = new ArrayList<>();
    for (Block block : trace.blocks()) {
      if (planned(block)) {
        lives.add(new Life(block.bytes(), first[block.number()], until[block.number()]));
      }
    }
    return lives;
  }
}
