package ibrik.tensor.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.LayoutOps;
import ibrik.tensor.NoLeaks;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Trace.Block;
import ibrik.tensor.exec.Trace.Call;
import ibrik.tensor.exec.Trace.Value;
import ibrik.tensor.random.PhiloxStream;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/// Random steps, with fan-out, dead ends, views, several outputs and updates: what the plan says
/// about memory holds, and replays give the bits of eager runs.
class ProgramGraphTest {
  private static final long ROWS = 4;
  private static final long COLUMNS = 16;

  /// Variables `a` and `b`, both `[4,16]`. Every tensor of a step fills whole units of alignment,
  /// so that the arena can be compared with the eager peak.
  private record State(Variable a, Variable b) implements AutoCloseable {
    static State of(long seed) {
      try (TensorScope _ = TensorScope.open()) {
        return new State(Variable.of("a", numbers(seed, 1)), Variable.of("b", numbers(seed, 2)));
      }
    }

    private static Tensor numbers(long seed, int stream) {
      PhiloxStream random = new PhiloxStream(seed, stream);
      float[] values = new float[(int) (ROWS * COLUMNS)];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return Tensor.of(values, ROWS, COLUMNS);
    }

    @Override
    public void close() {
      a.close();
      b.close();
    }
  }

  /// `ops` random ops; each reads any of the results so far. The same seed gives the same step.
  private static List<Tensor> step(State state, long seed, int ops) {
    PhiloxStream random = new PhiloxStream(seed, 3);
    List<Tensor> results = new ArrayList<>(List.of(state.a.value(), state.b.value()));
    for (int i = 0; i < ops; i++) {
      Tensor x = results.get(random.nextInt(results.size()));
      Tensor y = results.get(random.nextInt(results.size()));
      switch (random.nextInt(13)) {
        case 0 -> results.add(x.add(y));
        case 1 -> results.add(x.mul(y).tanh());
        case 2 -> results.add(x.neg());
        case 3 -> results.add(x.mul(x));
        case 4 -> results.add(x.sub(x.narrow(0, 1, 1)));
        case 5 -> results.add(x.max(List.of(0), true).mul(y));
        case 6 ->
            results.add(
                x.reshape(2, 32)
                    .narrow(0, 1, 1)
                    .reshape(2, 16)
                    .add(y.narrow(0, 0, 2))
                    .broadcastTo(Shape.of(2, 2, 16))
                    .reshape(4, 16));
        case 7 -> results.add(x.softmax());
        case 8 -> results.add(LayoutOps.concat(0, List.of(x.narrow(0, 2, 2), y.narrow(0, 0, 2))));
        case 9 -> results.add(x.topK(16).getFirst().mul(0.5));
        case 11 -> results.add(x.mul(Tensor.of(new float[16], 16).add(0.5)));
        case 10 -> results.add(x.maximum(y).detach());
        default -> state.b.set(x.mul(0.25).add(1));
      }
    }
    // One output in the middle, one view of another, one variable.
    Tensor middle = results.get(results.size() / 2);
    return List.of(results.getLast(), middle, middle.narrow(0, 3, 1), state.b.value());
  }

  private static byte[][] bits(List<Tensor> tensors) {
    return tensors.stream()
        .map(tensor -> tensor.data().toArray(ValueLayout.JAVA_BYTE))
        .toArray(byte[][]::new);
  }

  @Property(tries = 150)
  void replaysGiveTheBitsOfEagerRuns(
      @ForAll @IntRange(min = 0, max = 1_000_000) int seed,
      @ForAll @IntRange(min = 1, max = 40) int ops) {
    NoLeaks.check();
    try (State eager = State.of(seed);
        State replayed = State.of(seed);
        Program program = Program.capture(() -> step(replayed, seed, ops))) {
      for (int i = 0; i < 3; i++) {
        program.replay();
        try (TensorScope _ = TensorScope.open()) {
          assertArrayEquals(bits(step(eager, seed, ops)), bits(program.outputs()));
        }
      }
    }
    NoLeaks.check();
  }

  /// Plays the plan on a memory of marks: what an op reads was written by the block it belongs to,
  /// and by nothing since.
  @Property(tries = 150)
  void nothingIsOverwrittenThatIsReadLater(
      @ForAll @IntRange(min = 0, max = 1_000_000) int seed,
      @ForAll @IntRange(min = 1, max = 60) int ops) {
    try (State state = State.of(seed)) {
      Plan plan = ShapeOnly.plan(() -> step(state, seed, ops));
      int[] owner = new int[Math.toIntExact(plan.arenaBytes())];
      Arrays.fill(owner, -1);
      plan.trace().leaves().stream()
          .filter(value -> value.block() instanceof Block.Constant)
          .forEach(value -> mark(plan, owner, value));
      for (int replay = 0; replay < 2; replay++) {
        for (Call call : plan.trace().calls()) {
          if (call.kernel() != null) {
            call.in().forEach(value -> check(plan, owner, value));
            call.out().forEach(value -> mark(plan, owner, value));
            call.out().forEach(value -> check(plan, owner, value));
          }
        }
      }
      plan.trace().outputs().forEach(value -> check(plan, owner, value));
    }
    NoLeaks.check();
  }

  private static void mark(Plan plan, int[] owner, Value value) {
    int start = Math.toIntExact(plan.placeBytes(value));
    Arrays.fill(owner, start, start + (int) value.spec().bytes(), value.block().number());
  }

  private static void check(Plan plan, int[] owner, Value value) {
    if (value.block() instanceof Block.Outside) {
      return;
    }
    int start = Math.toIntExact(plan.placeBytes(value));
    for (int i = start; i < start + value.spec().bytes(); i++) {
      assertEquals(value.block().number(), owner[i], () -> value + " is gone:\n" + plan);
    }
  }

  @Property(tries = 150)
  void theArenaLiesBetweenWhatMustLiveAndWhatAnEagerRunHolds(
      @ForAll @IntRange(min = 0, max = 1_000_000) int seed,
      @ForAll @IntRange(min = 1, max = 60) int ops) {
    try (State state = State.of(seed)) {
      Plan plan = ShapeOnly.plan(() -> step(state, seed, ops));
      assertTrue(plan.lowerBoundBytes() <= plan.arenaBytes(), plan::toString);
      assertTrue(plan.arenaBytes() <= plan.eagerPeakBytes(), plan::toString);
      // At any op its inputs and outputs are there together, one of them perhaps in place.
      for (Call call : plan.trace().calls()) {
        long written = call.out().stream().mapToLong(value -> value.block().bytes()).sum();
        assertTrue(call.kernel() == null || written <= plan.lowerBoundBytes(), plan::toString);
      }
    }
    NoLeaks.check();
  }
}
