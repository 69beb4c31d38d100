package ibrik.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.NanGuard;
import ibrik.autograd.Tape;
import ibrik.nn.model.Encoder;
import ibrik.nn.model.Models;
import ibrik.nn.model.ResNet.Stem;
import ibrik.nn.optim.Optimizer;
import ibrik.nn.optim.Sgd;
import ibrik.nn.optim.WeightDecay;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.backend.MemoryPool;
import ibrik.tensor.exec.Plan;
import ibrik.tensor.exec.Profiler;
import ibrik.tensor.exec.Program;
import ibrik.tensor.exec.ShapeOnly;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Whole training steps as programs: the same bits as eagerly, no allocation, the planned memory.
@SuppressWarnings("MustBeClosedChecker") // some are closed by hand, some fail to open
class ProgramStepTest {
  private final MemoryPool pool = Backends.of(Device.CPU).memory(0);

  @BeforeEach
  @AfterEach
  void nothingLives() {
    Backends.threads(2);
    assertEquals(0, pool.liveBytes(), "live tensor bytes");
  }

  private static byte[] bits(Tensor tensor) {
    return tensor.data().toArray(ValueLayout.JAVA_BYTE);
  }

  // ---- the same bits ----

  @Test
  void stepsOfTwoNetworksGiveTheBitsOfEagerOnes() {
    try (TinyByol eager = new TinyByol();
        TinyByol replayed = new TinyByol();
        Program program = Program.capture(replayed::step)) {
      for (int i = 0; i < 6; i++) {
        Backends.threads(1 + i % 4);
        replayed.begin(i);
        program.replay();
        Backends.threads(2);
        eager.begin(i);
        try (TensorScope _ = TensorScope.open()) {
          List<Tensor> want = eager.step();
          for (int k = 0; k < want.size(); k++) {
            assertArrayEquals(bits(want.get(k)), bits(program.outputs().get(k)), "output " + k);
          }
        }
        int step = i;
        eager
            .state()
            .forEach(
                (name, variable) -> {
                  Variable same = replayed.state().get(name);
                  assertArrayEquals(
                      bits(variable.value()), bits(same.value()), name + " after step " + step);
                });
      }
    }
  }

  @Test
  void tracingAStepChangesNothing() {
    try (TinyByol fresh = new TinyByol();
        TinyByol traced = new TinyByol()) {
      Plan plan = ShapeOnly.plan(traced::step);
      fresh
          .state()
          .forEach(
              (name, variable) ->
                  assertArrayEquals(
                      bits(variable.value()), bits(traced.state().get(name).value()), name));
      assertTrue(plan.tags().containsAll(List.of("conv2d_backward_weight", "ema", "lars")));
    }
  }

  // ---- memory ----

  /// Supervised training of a small network.
  static final class Trainer implements AutoCloseable {
    final Variable images;
    final Variable labels;
    final Variable lr = Variable.scalar("lr", 0.1, Device.CPU);
    final Encoder encoder;
    final Linear head;
    final Optimizer optimizer;

    Trainer(int batch, int size, double width) {
      this(batch, size, width, Precision.F32);
    }

    Trainer(int batch, int size, double width, Precision precision) {
      images =
          Variable.zeros(
              "images", new TensorSpec(DType.F32, Shape.of(batch, size, size, 1)), Device.CPU);
      labels = Variable.zeros("labels", new TensorSpec(DType.I32, Shape.of(batch)), Device.CPU);
      Build build = new Build(DType.F32, Device.CPU, 3, "", precision);
      encoder = Models.create(build.child("encoder"), "resnet8", 1, width, Stem.CIFAR, false);
      head = new Linear(build.child("head"), encoder.featureDim(), 10, true);
      List<Parameter> all = new java.util.ArrayList<>(encoder.parameters());
      all.addAll(head.parameters());
      optimizer = new Sgd(all, lr, 0.9, false, WeightDecay.weights(1e-4));
    }

    List<Tensor> step() {
      try (TensorScope scope = TensorScope.open();
          Tape.Run run =
              Tape.record(
                  () ->
                      head.forward(encoder.forward(images.value()))
                          .softmaxCrossEntropy(labels.value())
                          .mean())) {
        optimizer.step(
            run.gradientsOf(optimizer.parameters().stream().map(Parameter::variable).toList()));
        return List.of(scope.keep(run.keep(run.value())));
      }
    }

    @Override
    public void close() {
      List.of(images, labels, lr).forEach(Variable::close);
      encoder.close();
      head.close();
      optimizer.close();
    }
  }

  @Test
  void thePlannedPeakIsTheMeasuredOne() {
    try (Trainer trainer = new Trainer(8, 14, 1)) {
      long before = pool.liveBytes();
      pool.resetPeak();
      Plan plan = ShapeOnly.plan(trainer::step);
      assertEquals(before, pool.peakBytes(), "planning allocated");
      try (TensorScope _ = TensorScope.open()) {
        List<Tensor> _ = trainer.step();
      }
      assertEquals(pool.peakBytes() - before, plan.eagerPeakBytes());
      try (Program program = Program.capture(trainer::step)) {
        pool.resetPeak();
        program.replay();
        assertEquals(pool.peakBytes() - before, plan.arenaBytes());
        assertEquals(plan.toString(), program.toString());
      }
      assertTrue(plan.arenaBytes() < plan.eagerPeakBytes(), plan::toString);
      assertTrue(plan.arenaBytes() <= 1.05 * plan.lowerBoundBytes(), plan::toString);
    }
  }

  /// Almost all of a step is activations and their gradients, and all of those but the features are
  /// bf16.
  @Test
  void bf16NearlyHalvesMemoryAndTraffic() {
    try (Trainer narrow = new Trainer(128, 32, 1, Precision.BF16);
        Trainer wide = new Trainer(128, 32, 1, Precision.F32)) {
      Plan half = ShapeOnly.plan(narrow::step);
      Plan full = ShapeOnly.plan(wide::step);
      assertTrue(half.arenaBytes() <= 0.55 * full.arenaBytes(), () -> half + " and " + full);
      assertTrue(
          half.eagerPeakBytes() <= 0.55 * full.eagerPeakBytes(), () -> half + " and " + full);
      assertTrue(half.trafficBytes() <= 0.6 * full.trafficBytes(), () -> half + " and " + full);
      assertEquals(full.variableBytes(), half.variableBytes(), "parameters and moments stay f32");
    }
  }

  /// Replays compute in bf16 what the eager step does, on any number of threads.
  @Test
  void bf16StepsGiveTheBitsOfEagerOnes() {
    try (Trainer eager = new Trainer(4, 10, 1, Precision.BF16);
        Trainer replayed = new Trainer(4, 10, 1, Precision.BF16);
        Program program = Program.capture(replayed::step)) {
      for (int i = 0; i < 3; i++) {
        Backends.threads(1 + i);
        program.replay();
        Backends.threads(2);
        try (TensorScope _ = TensorScope.open()) {
          assertArrayEquals(
              bits(eager.step().getFirst()), bits(program.outputs().getFirst()), "loss " + i);
        }
        for (int k = 0; k < eager.optimizer.parameters().size(); k++) {
          assertArrayEquals(
              bits(eager.optimizer.parameters().get(k).value()),
              bits(replayed.optimizer.parameters().get(k).value()),
              "parameter " + k + " after step " + i);
        }
      }
    }
  }

  @Test
  void theWorkOfAStepIsThatOfItsConvolutions() {
    try (Trainer trainer = new Trainer(2, 8, 1)) {
      Plan plan = ShapeOnly.plan(() -> List.of(trainer.encoder.forward(trainer.images.value())));
      // Multiplications and additions of the layers: stem, then three stages of two 3x3 layers,
      // the first of the later ones with stride 2 and a 1x1 shortcut.
      long convolutions =
          2L
              * 2
              * (64 * 16 * 9
                  + 2 * 64 * 16 * 16 * 9
                  + 16 * 32 * (16 * 9 + 32 * 9 + 16)
                  + 4 * 64 * (32 * 9 + 64 * 9 + 32));
      assertTrue(plan.flops() > convolutions, plan::toString);
      assertTrue(plan.flops() < 1.05 * convolutions, plan::toString);
    }
  }

  @Test
  void replaysTakeNothingFromThePool() {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(4, 9));
    try (Variable x = Variable.zeros("x", spec, Device.CPU);
        Variable lr = Variable.scalar("lr", 0.1, Device.CPU);
        Linear layer = new Linear(Build.cpu(1), 9, 5, true);
        Optimizer sgd = new Sgd(layer.parameters(), lr, 0.9, true, WeightDecay.weights(0));
        Program program = Program.capture(() -> descend(layer, x, sgd))) {
      program.replay();
      long live = pool.liveBytes();
      long reserved = pool.reservedBytes();
      pool.resetPeak();
      for (int i = 0; i < 1000; i++) {
        program.replay();
      }
      assertEquals(live, pool.liveBytes());
      assertEquals(live, pool.peakBytes(), "a replay took memory of the pool");
      assertEquals(reserved, pool.reservedBytes());
    }
  }

  private static List<Tensor> descend(Linear layer, Variable x, Optimizer optimizer) {
    try (TensorScope scope = TensorScope.open();
        Tape.Run run = Tape.record(() -> layer.forward(x.value()).softmax().square().sum())) {
      optimizer.step(
          run.gradientsOf(layer.parameters().stream().map(Parameter::variable).toList()));
      return List.of(scope.keep(run.keep(run.value())));
    }
  }

  /// Bytes of Java heap that this thread takes for one run of `body`, once it is warm.
  private static long heapBytes(Runnable body) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int runs = 200;
    for (int i = 0; i < runs; i++) {
      body.run();
    }
    long start = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < runs; i++) {
      body.run();
    }
    return (threads.getCurrentThreadAllocatedBytes() - start) / runs;
  }

  /// Kernels make small objects of their own, such as the tasks they hand to the threads; a program
  /// adds none.
  @Test
  void replaysTakeLittleOfTheJavaHeap() {
    Backends.threads(1); // what other threads take is not measured
    int ops = 100;
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(3));
    try (Variable x = Variable.zeros("x", spec, Device.CPU)) {
      Supplier<List<Tensor>> step =
          () -> {
            Tensor y = x.value();
            for (int i = 0; i < ops; i++) {
              y = y.reshape(1, 3).reshape(3).mul(0.5);
            }
            return List.of(y);
          };
      try (Program program = Program.capture(step)) {
        long replay = heapBytes(program::replay);
        long eager =
            heapBytes(
                () -> {
                  try (TensorScope _ = TensorScope.open()) {
                    List<Tensor> _ = step.get();
                  }
                });
        assertTrue(replay < 512L * ops, () -> replay + " B for " + ops + " ops");
        assertTrue(4 * replay < eager, () -> replay + " B, eagerly " + eager + " B");
      }
    }
  }

  // ---- errors ----

  private static String refusal(Supplier<List<Tensor>> step) {
    IllegalStateException thrown =
        assertThrows(IllegalStateException.class, () -> Program.capture(step).close());
    return String.valueOf(thrown.getMessage());
  }

  @Test
  void hostAccessNamesTheLine() {
    try (Variable x = Variable.scalar("x", 1, Device.CPU)) {
      List<Supplier<List<Tensor>>> steps =
          List.of(
              () -> List.of(Tensor.scalar(x.value().neg().item())),
              () -> List.of(x.value().neg().mul(x.value().toFloats()[0])),
              () -> List.of(x.value().neg().mul(x.value().toDoubles()[0])),
              () -> List.of(x.value().neg().mul((double) x.value().data().byteSize())),
              () -> {
                x.set(3.0);
                return List.of(x.value().neg());
              },
              () -> {
                x.set(java.lang.foreign.MemorySegment.ofArray(new float[1]));
                return List.of(x.value().neg());
              },
              () -> {
                try (Variable y = Variable.scalar("y", 2, Device.CPU)) {
                  return List.of(x.value().mul(y.value()));
                }
              });
      List<String> accesses =
          List.of(
              "item() of f32[]",
              "toFloats() of f32[]",
              "toDoubles() of f32[]",
              "data() of f32[]",
              "Variable.set(double) of f32[]",
              "Variable.set(MemorySegment) of f32[]",
              "Variable.zeros of f32[]");
      for (int i = 0; i < steps.size(); i++) {
        String message = refusal(steps.get(i));
        assertTrue(
            message.matches(
                "\\[program] the host must not read or write numbers inside a traced step; got "
                    + java.util.regex.Pattern.quote(accesses.get(i))
                    + " at .*ibrik\\.nn\\.ProgramStepTest\\..*\\(ProgramStepTest\\.java:\\d+\\);"
                    + " return the tensor and read it after replay\\(\\), set variables before"
                    + " replay\\(\\)"),
            message);
      }
      assertEquals(1, x.value().item());
    }
  }

  @Test
  void readsInsideGradientsNameTheLineThatAskedForThem() {
    try (Variable x = Variable.zeros("x", new TensorSpec(DType.F32, Shape.of(2, 3)), Device.CPU)) {
      String message =
          refusal(
              () -> {
                try (TensorScope scope = TensorScope.open();
                    Tape.Run run = Tape.record(() -> x.value().topK(2).getFirst().sum())) {
                  return scope.keep(run.gradients(List.of(x.value())).stream().toList());
                }
              });
      assertTrue(
          message.matches(".*got toInts\\(\\) of i32\\[2,2] at ibrik\\.nn\\.ProgramStepTest.*"),
          message);
    }
  }

  @Test
  void updatesBeforeGradientsAreSeenWhileTracing() {
    try (Variable x = Variable.scalar("x", 1, Device.CPU)) {
      String message =
          refusal(
              () -> {
                try (TensorScope _ = TensorScope.open();
                    Tape.Run run = Tape.record(() -> x.value().square())) {
                  x.set(x.value().neg());
                  return run.gradients(List.of(x.value()));
                }
              });
      assertTrue(message.contains("take gradients before updating variables"), message);
    }
  }

  @Test
  void replaysAreNotRecorded() {
    try (TensorScope _ = TensorScope.open();
        Variable x = Variable.scalar("x", 1, Device.CPU);
        Program program = Program.capture(() -> List.of(x.value().neg()))) {
      Supplier<Tensor> body =
          () -> {
            program.replay();
            return program.outputs().getFirst();
          };
      IllegalStateException thrown =
          assertThrows(IllegalStateException.class, () -> Tape.record(body).close());
      assertTrue(thrown.getMessage().contains("got a call inside Tape"), thrown::getMessage);
      thrown = assertThrows(IllegalStateException.class, () -> NanGuard.watch(body));
      assertTrue(thrown.getMessage().contains("got a call inside NanGuard"), thrown::getMessage);
      thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  Tape.record(
                      () -> Program.capture(() -> List.of(x.value())).outputs().getFirst()));
      assertTrue(thrown.getMessage().contains("got a call inside Tape"), thrown::getMessage);
    }
  }

  @Test
  void aFailingKernelFailsTheReplayAndNotTheProgram() {
    try (Trainer trainer = new Trainer(2, 6, 0.25);
        Program program = Program.capture(trainer::step)) {
      trainer.labels.set(java.lang.foreign.MemorySegment.ofArray(new int[] {1, 99}));
      IllegalArgumentException thrown =
          assertThrows(IllegalArgumentException.class, program::replay);
      assertEquals(
          "[softmax_cross_entropy] label must be in [0, 10); got 99 at 1", thrown.getMessage());
      trainer.labels.set(java.lang.foreign.MemorySegment.ofArray(new int[] {1, 9}));
      program.replay();
      assertTrue(Double.isFinite(program.outputs().getFirst().item()));
    }
  }

  @Test
  void theProfilerSeesTheOpsOfAStep() {
    try (Trainer trainer = new Trainer(2, 6, 0.25);
        Program program = Program.capture(trainer::step)) {
      Profiler replays = new Profiler();
      replays.watch(() -> program.replay());
      Profiler steps = new Profiler();
      try (TensorScope _ = TensorScope.open()) {
        List<Tensor> _ = steps.watch(trainer::step);
      }
      replays
          .rows()
          .forEach(
              row ->
                  assertTrue(
                      steps.rows().stream()
                          .anyMatch(
                              other ->
                                  other.op().equals(row.op())
                                      && other.calls() == row.calls()
                                      && other.bytes() == row.bytes()),
                      () -> row + " but eagerly\n" + steps));
    }
  }
}
