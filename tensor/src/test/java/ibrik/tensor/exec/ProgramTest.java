package ibrik.tensor.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.NoLeaks;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.Variable;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.backend.MemoryPool;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Programs on the scalar reference: tracing, replay, errors, text. Kernels, tapes and whole
/// training steps are tested where they live.
@ExtendWith(NoLeaks.class)
@SuppressWarnings("MustBeClosedChecker") // some are closed by hand, some fail to open
class ProgramTest {
  private static Variable variable(String name, float... values) {
    try (TensorScope _ = TensorScope.open()) {
      return Variable.of(name, Tensor.of(values, values.length));
    }
  }

  private static void set(Variable variable, float... values) {
    try (TensorScope _ = TensorScope.open()) {
      variable.set(Tensor.of(values, values.length));
    }
  }

  private static float[] eager(Supplier<List<Tensor>> step, int output) {
    try (TensorScope _ = TensorScope.open()) {
      return step.get().get(output).toFloats();
    }
  }

  // ---- same numbers ----

  @Test
  void aReplayReadsTheVariablesOfItsTime() {
    try (Variable x = variable("x", 1, 2, 3)) {
      Supplier<List<Tensor>> step =
          () -> List.of(x.value().exp().mul(2).add(x.value()).relu(), x.value().sum().square());
      try (Program program = Program.capture(step)) {
        for (float[] numbers : new float[][] {{1, 2, 3}, {-4, 0, 0.5f}, {1e-3f, 7, -9}}) {
          set(x, numbers);
          program.replay();
          assertArrayEquals(eager(step, 0), program.outputs().get(0).toFloats());
          assertArrayEquals(eager(step, 1), program.outputs().get(1).toFloats());
        }
      }
    }
  }

  @Test
  void tracingComputesNothingAndChangesNoVariable() {
    MemoryPool pool = Backends.of(Device.CPU).memory(0);
    try (Variable x = variable("x", 1, 2)) {
      long live = pool.liveBytes();
      pool.resetPeak();
      Plan plan =
          ShapeOnly.plan(
              () -> {
                x.set(x.value().add(1));
                return List.of(x.value().mul(3).add(x.value()));
              });
      assertEquals(live, pool.peakBytes(), "planning allocated");
      assertArrayEquals(new float[] {1, 2}, x.value().toFloats());
      assertEquals(List.of("offset", "assign", "scale", "add"), plan.tags());
    }
  }

  @Test
  void updatesWriteVariablesAndCountTheirVersion() {
    try (Variable x = variable("x", 1, 2);
        Variable tau = Variable.scalar("tau", 0.5, Device.CPU);
        Program program =
            Program.capture(
                () -> {
                  Tensor next = x.value().mul(10);
                  Interpreter.current()
                      .apply(new Update.Ema(1), List.of(x.value(), next, tau.value()));
                  return List.of(x.value(), next);
                })) {
      long version = x.value().version();
      program.replay();
      assertArrayEquals(new float[] {5.5f, 11}, x.value().toFloats());
      assertArrayEquals(new float[] {5.5f, 11}, program.outputs().get(0).toFloats());
      tau.set(1);
      program.replay();
      assertArrayEquals(new float[] {5.5f, 11}, x.value().toFloats());
      assertArrayEquals(new float[] {55, 110}, program.outputs().get(1).toFloats());
      assertEquals(version + 2, x.value().version());
    }
  }

  @Test
  void viewsShareTheirMemoryAlsoWhereTheBaseDies() {
    try (Variable x = variable("x", 1, 2, 3, 4, 5, 6)) {
      Supplier<List<Tensor>> step =
          () -> {
            Tensor m = x.value().mul(2).reshape(3, 2);
            Tensor row = m.narrow(0, 1, 1);
            // m dies here, but one row of it is read for all the others.
            Tensor sum = m.add(row);
            Tensor tail = sum.detach().narrow(0, 2, 1).reshape(2);
            return List.of(sum.transpose(1, 0).mul(3), tail, x.value().narrow(0, 4, 2), row.neg());
          };
      try (Program program = Program.capture(step)) {
        program.replay();
        for (int i = 0; i < 4; i++) {
          assertArrayEquals(eager(step, i), program.outputs().get(i).toFloats());
        }
      }
    }
  }

  @Test
  void anOperandThatIsReadThroughAViewIsNotOverwritten() {
    try (Variable x = variable("x", 1, 2, 3, 4)) {
      Supplier<List<Tensor>> step =
          () -> {
            Tensor m = x.value().mul(1).reshape(2, 2);
            return List.of(m.mul(m.narrow(0, 0, 1)));
          };
      try (Program program = Program.capture(step)) {
        program.replay();
        assertArrayEquals(new float[] {1, 4, 3, 8}, program.outputs().getFirst().toFloats());
        assertEquals(-1, overwritten(program.plan(), "mul"));
      }
    }
  }

  @Test
  void anElementwiseOpTakesThePlaceOfAnInputThatDies() {
    try (Variable x = variable("x", 1, 2, 3, 4)) {
      Supplier<List<Tensor>> step =
          () -> {
            Tensor y = x.value().exp();
            Tensor z = y.add(x.value());
            return List.of(z.mul(z).sub(x.value()));
          };
      try (Program program = Program.capture(step)) {
        assertEquals(Packing.ALIGNMENT, program.plan().arenaBytes(), program::toString);
        program.replay();
        assertArrayEquals(eager(step, 0), program.outputs().getFirst().toFloats());
      }
    }
  }

  @Test
  void whatIsReadLaterIsNotOverwritten() {
    try (Variable x = variable("x", 1, 2, 3, 4)) {
      Supplier<List<Tensor>> step =
          () -> {
            Tensor y = x.value().exp();
            Tensor z = y.neg();
            return List.of(z.add(y), y.sum());
          };
      try (Program program = Program.capture(step)) {
        assertEquals(-1, overwritten(program.plan(), "neg"));
        program.replay();
        assertArrayEquals(eager(step, 0), program.outputs().get(0).toFloats());
        assertArrayEquals(eager(step, 1), program.outputs().get(1).toFloats());
      }
    }
  }

  private static int overwritten(Plan plan, String tag) {
    return plan.trace().calls().stream()
        .filter(call -> call.op().tag().equals(tag))
        .mapToInt(plan::overwritten)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void fusedOpsWithoutKernelAreInlined() {
    try (Variable x = variable("x", 1, 2, 3)) {
      Supplier<List<Tensor>> step = () -> List.of(x.value().softmax());
      try (Program program = Program.capture(step)) {
        assertEquals(List.of("max", "sub", "exp", "sum", "div"), program.plan().tags());
        program.replay();
        assertArrayEquals(eager(step, 0), program.outputs().getFirst().toFloats());
      }
    }
  }

  @Test
  void numbersFromTheHostAreConstants() {
    try (Variable x = variable("x", 1, 2)) {
      List<Integer> runs = new ArrayList<>();
      Supplier<List<Tensor>> step =
          () -> {
            runs.add(1);
            Tensor weights = Tensor.of(new float[] {10, 100}, 2);
            return List.of(weights.mul(x.value()), weights);
          };
      try (Program program = Program.capture(step)) {
        for (int i = 0; i < 3; i++) {
          program.replay();
          assertArrayEquals(new float[] {10, 200}, program.outputs().get(0).toFloats());
          assertArrayEquals(new float[] {10, 100}, program.outputs().get(1).toFloats());
        }
        assertEquals(1, runs.size());
        assertEquals(8, program.plan().constantBytes());
      }
    }
  }

  @Test
  void aConstantIsThereInEveryReplay() {
    try (Variable x = variable("x", 1, 2)) {
      Supplier<List<Tensor>> step =
          () -> {
            Tensor y = x.value().mul(Tensor.of(new float[] {10, 100}, 2));
            // Results that could lie where the constant was.
            Tensor z = y.sum();
            return List.of(LayoutOps.concat(0, List.of(y, y)).max().add(z));
          };
      try (Program program = Program.capture(step)) {
        for (int i = 0; i < 3; i++) {
          program.replay();
          assertEquals(410, program.outputs().getFirst().item());
        }
      }
    }
  }

  @Test
  void randomNumbersFollowTheKeysVariable() {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(9));
    try (TensorScope _ = TensorScope.open();
        Variable key = Variable.of("key", Tensors.key(5, 0, Device.CPU))) {
      Tensor next = Tensor.of(new long[] {0, 1}, 2);
      Supplier<List<Tensor>> step =
          () -> {
            Tensor drawn = Tensors.normal(spec, 0, 1, key.value());
            key.set(key.value().add(next));
            return List.of(drawn);
          };
      try (Program program = Program.capture(step)) {
        List<float[]> replayed = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          program.replay();
          replayed.add(program.outputs().getFirst().toFloats());
        }
        key.set(Tensors.key(5, 0, Device.CPU));
        for (int i = 0; i < 3; i++) {
          assertArrayEquals(eager(step, 0), replayed.get(i));
        }
        assertNotEquals(replayed.get(0)[0], replayed.get(1)[0]);
      }
    }
  }

  @Test
  void customOpsBringTheirKernel() {
    try (Variable x = variable("x", 1, 2, 3);
        Program program =
            Program.capture(
                () -> {
                  Op op = new Twice();
                  return List.of(Interpreter.current().apply1(op, List.of(x.value())));
                })) {
      assertEquals(List.of("twice"), program.plan().tags());
      program.replay();
      assertArrayEquals(new float[] {2, 4, 6}, program.outputs().getFirst().toFloats());
    }
  }

  // ---- memory ----

  @Test
  void theArenaIsThePoolsAndIsFreed() {
    MemoryPool pool = Backends.of(Device.CPU).memory(0);
    try (Variable x = variable("x", new float[1000])) {
      long before = pool.liveBytes();
      Program program = Program.capture(() -> List.of(x.value().exp().sum().add(x.value())));
      assertEquals(before + program.plan().arenaBytes(), pool.liveBytes());
      pool.resetPeak();
      for (int i = 0; i < 100; i++) {
        program.replay();
      }
      assertEquals(before + program.plan().arenaBytes(), pool.peakBytes());
      Tensor output = program.outputs().getFirst();
      program.close();
      program.close();
      assertEquals(before, pool.liveBytes());
      assertTrue(output.isClosed());
      assertThrows(IllegalStateException.class, output::toFloats);
    }
  }

  @Test
  void closingAnOutputDoesNotStopTheReplays() {
    try (Variable x = variable("x", 1, 2);
        Program program = Program.capture(() -> List.of(x.value().neg(), x.value()))) {
      program.outputs().forEach(Tensor::close);
      program.replay();
      assertFalse(x.value().isClosed());
      assertThrows(IllegalStateException.class, () -> program.outputs().getFirst().toFloats());
    }
  }

  @Test
  void theEagerPeakIsTheOneThatAnEagerRunHas() {
    MemoryPool pool = Backends.of(Device.CPU).memory(0);
    try (Variable x = variable("x", new float[333])) {
      Supplier<List<Tensor>> step =
          () -> {
            Tensor kept;
            try (TensorScope inner = TensorScope.open()) {
              Tensor y = x.value().exp().softmax();
              kept = inner.keep(y.mul(y).sum());
            }
            Tensor z = LayoutOps.concat(0, List.of(x.value(), x.value())).mul(2);
            z.close();
            return List.of(kept.add(Tensor.of(new float[] {1}, 1)));
          };
      long before = pool.liveBytes();
      pool.resetPeak();
      float[] _ = eager(step, 0);
      assertEquals(pool.peakBytes() - before, ShapeOnly.plan(step).eagerPeakBytes());
    }
  }

  @Test
  void capsAndReportsWorkWithoutMemory() {
    try (Variable x = variable("x", new float[100])) {
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  ShapeOnly.plan(
                      () -> {
                        try (TensorScope scope = TensorScope.open().cap(500)) {
                          return List.of(scope.keep(x.value().exp().neg()));
                        }
                      }));
      assertTrue(thrown.getMessage().startsWith("[scope] cap of 500 B exceeded by neg f32[100]"));
    }
  }

  // ---- errors ----

  private static String refusal(Supplier<List<Tensor>> step) {
    IllegalStateException thrown =
        assertThrows(IllegalStateException.class, () -> Program.capture(step).close());
    return String.valueOf(thrown.getMessage());
  }

  @Test
  void wrongShapesFailWhileTracing() {
    try (Variable x = variable("x", 1, 2, 3);
        Variable y = variable("y", 1, 2)) {
      IllegalArgumentException thrown =
          assertThrows(
              IllegalArgumentException.class,
              () -> Program.capture(() -> List.of(x.value().add(y.value()))).close());
      assertTrue(thrown.getMessage().contains("got a: f32[3], b: f32[2]"), thrown::getMessage);
    }
  }

  @Test
  void aVariableKeepsItsShapeBetweenReplays() {
    try (Variable x = variable("x", 1, 2, 3);
        Program program = Program.capture(() -> List.of(x.value().neg()))) {
      IllegalArgumentException thrown =
          assertThrows(IllegalArgumentException.class, () -> set(x, 1, 2));
      assertEquals(
          "[assign] target and source must have one type and shape; got target: f32[3],"
              + " source: f32[2]",
          thrown.getMessage());
      program.replay();
      assertArrayEquals(new float[] {-1, -2, -3}, program.outputs().getFirst().toFloats());
    }
  }

  @Test
  void aClosedVariableIsNamed() {
    Variable x = variable("weights", 1, 2, 3);
    try (Program program = Program.capture(() -> List.of(x.value().neg()))) {
      x.close();
      IllegalStateException thrown = assertThrows(IllegalStateException.class, program::replay);
      assertEquals(
          "[program] tensors from outside must stay open; got weights f32[3], closed since the step"
              + " was captured; keep it, or capture the step again",
          thrown.getMessage());
    }
  }

  @Test
  void aClosedProgramSaysSo() {
    try (Variable x = variable("x", 1)) {
      Program program = Program.capture(() -> List.of(x.value().neg()));
      program.close();
      assertEquals(
          "[program] this program is closed; capture the step again",
          assertThrows(IllegalStateException.class, program::replay).getMessage());
    }
  }

  @Test
  void outputsMustOutliveTheStep() {
    try (Variable x = variable("x", 1, 2)) {
      assertEquals(
          "[program] outputs must outlive the step; got output 1: f32[2] made by neg, freed inside"
              + " it; move it out with scope.keep(...) or run.keep(...)",
          refusal(
              () -> {
                try (TensorScope _ = TensorScope.open()) {
                  return List.of(x.value(), x.value().neg());
                }
              }));
    }
  }

  @Test
  void aStepWithoutOpsIsRefused() {
    assertEquals("[program] the step ran no op: nothing to plan or replay", refusal(List::of));
  }

  @Test
  void aStepStaysOnOneDevice() {
    try (Variable x = variable("x", 1, 2)) {
      assertTrue(
          refusal(() -> List.of(x.value().neg().to(Device.REFERENCE)))
              .startsWith("[program] a step stays on one device; got cpu and reference at "));
    }
  }

  @Test
  void aFixedKeyIsRefused() {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(2));
    Supplier<List<Tensor>> step =
        () -> List.of(Tensors.uniform(spec, 0, 1, Tensors.key(1, 2, Device.CPU).add(key())));
    assertTrue(
        refusal(step)
            .startsWith(
                "[random_uniform] the key must come from a Variable, or every replay would draw the"
                    + " same numbers; got a fixed key at "));
    assertEquals(1, ShapeOnly.plan(step).outputs().size());
  }

  private static Tensor key() {
    return Tensors.iota(2, DType.I64, Device.CPU);
  }

  @Test
  void updatesOfWhatIsNoVariableAreRefused() {
    try (Variable x = variable("x", 1, 2)) {
      IllegalArgumentException thrown =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  ShapeOnly.plan(
                      () -> {
                        Tensor y = x.value().neg();
                        Interpreter.current().apply(new Update.Assign(), List.of(y, x.value()));
                        return List.of(y);
                      }));
      assertTrue(thrown.getMessage().contains("must be the value of a Variable"));
    }
  }

  @Test
  void tracedTensorsHaveNoNumbersOutsideEither() {
    try (TensorScope _ = TensorScope.open();
        Variable x = variable("x", 1, 2)) {
      List<Tensor> escaped = new ArrayList<>();
      List<String> text = new ArrayList<>();
      Supplier<List<Tensor>> step =
          () -> {
            Tensor y = x.value().neg();
            text.add(y.toString());
            escaped.add(y);
            return List.of(y);
          };
      Plan _ = ShapeOnly.plan(step);
      assertEquals(List.of("f32[2] (not computed)"), text);
      assertTrue(escaped.getFirst().isClosed());
      // While another step is traced, and by ops that run for real.
      assertTrue(
          refusal(
                  () -> {
                    try (TensorScope _ = TensorScope.open()) {
                      return List.of(escaped.getFirst().exp());
                    }
                  })
              .contains("used after its scope closed"));
    }
  }

  @Test
  void programsDoNotNest() {
    try (Variable x = variable("x", 1, 2);
        Program inner = Program.capture(() -> List.of(x.value().neg()))) {
      assertEquals(
          "[program] a step is traced below all other layers; got a call inside Tracer; trace"
              + " outside of it, and use tapes and other layers inside the step",
          refusal(() -> Program.capture(() -> List.of(x.value())).outputs()));
      assertEquals(
          "[program] a replay is no sequence of ops that layers could see; got a call inside"
              + " Tracer; replay outside of it",
          refusal(
              () -> {
                inner.replay();
                return inner.outputs();
              }));
    }
  }

  @Test
  void capturesAreNotProfiled() {
    try (Variable x = variable("x", 1, 2)) {
      Profiler profiler = new Profiler();
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class,
              () -> profiler.watch(() -> Program.capture(() -> List.of(x.value().neg())).close()));
      assertTrue(thrown.getMessage().contains("inside ProfilerLayer"), thrown::getMessage);
    }
  }

  // ---- text and times ----

  @Test
  void thePlanIsPrinted() {
    try (Variable x = variable("x", 1, 2, 3, 4)) {
      Plan plan =
          ShapeOnly.plan(
              () -> {
                Tensor m = x.value().reshape(2, 2);
                Tensor y = m.matMul(m.exp());
                x.set(y.reshape(4));
                return List.of(y.add(Tensor.of(new float[] {1}, 1)));
              });
      assertEquals(
          """
          %0 = variable x: f32[4], 16 B
          %5 = constant: f32[1], 4 B
            op  tag                         in -> out: bytes, first..last op, @place
             0  reshape                     %0 -> %1 f32[2,2]: view of %0
             1  exp                         %1 -> %2 f32[2,2]: 16 B, 1..2, @128
             2  mat_mul                     %1 %2 -> %3 f32[2,2]: 16 B, 2..5, @64
             3  reshape                     %3 -> %4 f32[4]: view of %3
             4  assign                      %0 %4 -> writes %0
             5  add                         %3 %5 -> %6 f32[2,2]: 16 B, 5..end, @64, over %3
          outputs %6 f32[2,2]
          arena 192 B (at least 192 B needed; eager peak 52 B), of it outputs 16 B, constants 4 B
          outside: variables 16 B, other tensors 0 B
          6 ops on cpu, 28 flop""",
          plan.toString());
      assertEquals(16 + 4 + 4 + 4, plan.flops());
    }
  }

  @Test
  void replaysUnderAProfilerAreTimed() {
    try (Variable x = variable("x", 1, 2, 3, 4);
        Program program = Program.capture(() -> List.of(x.value().reshape(2, 2).exp().neg()))) {
      assertEquals(0, program.profile().getFirst().calls());
      program.replay();
      Profiler profiler = new Profiler();
      profiler.watch(
          () -> {
            program.replay();
            program.replay();
          });
      List<OpTime> times = program.profile();
      assertEquals(List.of("1 exp", "2 neg"), times.stream().map(OpTime::op).toList());
      assertEquals(1, times.stream().mapToDouble(OpTime::share).sum(), 1e-9);
      for (OpTime time : times) {
        assertEquals(2, time.calls());
        assertEquals(2 * 32, time.bytes());
        assertTrue(time.nanos() > 0);
      }
      assertEquals(
          times.stream().mapToLong(OpTime::nanos).sum(),
          profiler.rows().stream().mapToLong(OpTime::nanos).sum());
      assertTrue(program.toString().lines().anyMatch(l -> l.matches(" +1  exp +\\d+\\.\\d  %1.*")));
    }
  }

  @Test
  void theProfilerCountsEagerOps() {
    Profiler profiler = new Profiler();
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
      double sum =
          profiler.watch(
              () -> {
                Tensor y = x.matMul(x).softmax().reshape(4);
                return y.add(y).add(1).sum().item();
              });
      assertEquals(8, sum, 1e-6);
    }
    List<OpTime> rows = profiler.rows();
    assertEquals(
        List.of("add", "mat_mul", "offset", "reshape", "softmax", "sum"),
        rows.stream().map(OpTime::op).sorted().toList());
    for (OpTime row : rows) {
      assertEquals(1, row.calls());
      long bytes =
          switch (row.op()) {
            case "reshape" -> 0;
            case "softmax", "offset" -> 32;
            case "sum" -> 20;
            default -> 48;
          };
      assertEquals(bytes, row.bytes(), row.op());
    }
    assertEquals(1, rows.stream().mapToDouble(OpTime::share).sum(), 1e-9);
    assertTrue(rows.getFirst().nanos() >= rows.getLast().nanos());
    List<String> table = profiler.toString().lines().toList();
    assertEquals(7, table.size());
    assertTrue(table.getFirst().matches("op +calls +ms +share +us/call +GB/s"), table::getFirst);
  }
}
