package ibrik.kernels.cuda;

import static ibrik.kernels.cuda.EmulatedBackend.DEVICE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.kernels.cuda.driver.CudaException;
import ibrik.spec.LiveBytes;
import ibrik.spec.OpSpec;
import ibrik.spec.OpSpecs;
import ibrik.spec.SixteenBits;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.exec.Program;
import ibrik.tensor.op.Layout;
import ibrik.tensor.op.Update;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/// Programs on the emulated device: the first replay runs op by op, the second takes a graph down,
/// the third runs the graph.
@ExtendWith(LiveBytes.class)
class CudaProgramTest {
  @BeforeEach
  void emulates() {
    Emulation.assume();
  }

  private static Stream<OpSpec> served() {
    return OpSpecs.all().stream()
        .filter(spec -> !(spec.op() instanceof Layout.ToDevice))
        .filter(spec -> CudaSpecTest.served(spec, DType.F32))
        .map(spec -> CudaSpecTest.on(DEVICE, spec));
  }

  private static List<double[]> numbers(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::toDoubles).toList();
  }

  private static void same(List<double[]> want, List<double[]> got) {
    assertTrue(Arrays.deepEquals(want.toArray(), got.toArray()), "other bits");
  }

  /// The op on copies that die with it, so that it takes their place where it may.
  private static List<Tensor> onCopies(OpSpec spec, List<Variable> variables) {
    return spec.run(
        variables.stream()
            .map(Variable::value)
            .map(tensor -> tensor.dtype().isFloat() ? tensor.mul(1) : tensor)
            .toList());
  }

  @TestFactory
  Stream<DynamicTest> replaysGiveTheBitsOfEagerRuns() {
    return served()
        .map(
            spec ->
                DynamicTest.dynamicTest(
                    spec.toString(),
                    () -> {
                      List<Variable> variables = new ArrayList<>();
                      try (TensorScope _ = TensorScope.open()) {
                        for (Tensor tensor : spec.make(DType.F32, DEVICE, 31)) {
                          variables.add(Variable.of("input" + variables.size(), tensor));
                        }
                        try (Program program = Program.capture(() -> onCopies(spec, variables))) {
                          for (long seed : new long[] {31, 32, 33}) {
                            List<Tensor> fresh = spec.make(DType.F32, DEVICE, seed);
                            for (int i = 0; i < fresh.size(); i++) {
                              variables.get(i).set(fresh.get(i));
                            }
                            program.replay();
                            same(numbers(onCopies(spec, variables)), numbers(program.outputs()));
                          }
                        }
                      } finally {
                        variables.forEach(Variable::close);
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> kernelsThatMayOverwriteAnInputDoSo() {
    return served()
        .map(
            spec ->
                DynamicTest.dynamicTest(
                    spec.toString(),
                    () -> {
                      try (TensorScope _ = TensorScope.open()) {
                        overwrite(spec, () -> spec.make(DType.F32, DEVICE, 33));
                        if (SixteenBits.isBatchNorm(spec.op())) {
                          overwrite(spec, () -> SixteenBits.make(spec, DType.BF16, DEVICE, 33));
                        }
                      }
                    }));
  }

  private static void overwrite(OpSpec spec, Supplier<List<Tensor>> inputs) {
    List<TensorSpec> specs = inputs.get().stream().map(Tensor::spec).toList();
    Kernel kernel = Backends.of(DEVICE).kernel(spec.op(), specs);
    List<TensorSpec> out = spec.op().infer(specs);
    for (int i = 0; i < specs.size(); i++) {
      if (kernel.mayOverwrite(i) && specs.get(i).bytes() == out.getFirst().bytes()) {
        List<double[]> want = numbers(spec.run(inputs.get()));
        List<Tensor> in = inputs.get();
        List<Tensor> results = new ArrayList<>();
        for (TensorSpec one : out) {
          results.add(
              results.isEmpty()
                  ? in.get(i).borrow(one, 0, "over")
                  : Tensor.allocate(one, DEVICE, "test"));
        }
        kernel.run(in, results);
        same(want, numbers(results));
      }
    }
  }

  @Test
  void opsOverTheHostStandBetweenGraphs() {
    try (TensorScope _ = TensorScope.open();
        Variable x = Variable.of("x", Tensor.of(new float[] {3, 1, 2, 5, 4}, 5).to(DEVICE));
        Variable ema = Variable.of("ema", Tensor.of(new float[] {0}, 1).to(DEVICE));
        Variable rate = Variable.scalar("rate", 0.5, DEVICE);
        Program step =
            Program.capture(
                () -> {
                  Tensor y = x.value().mul(2).add(1);
                  Tensor z = y.reshape(1, 5).sum(List.of(1), false);
                  Interpreter.current()
                      .apply(new Update.Ema(1), List.of(ema.value(), z, rate.value()));
                  return List.of(TensorScope.current().keep(z));
                })) {
      double want = 0;
      long before = ema.value().version();
      for (int i = 0; i < 4; i++) {
        step.replay();
        want = 0.5 * want + 0.5 * 35;
        assertEquals(35, step.outputs().getFirst().item());
        assertEquals(want, ema.value().item(), 1e-6);
      }
      assertEquals(before + 4, ema.value().version());
    }
  }

  @Test
  void scratchOfAGraphOutlivesLargerRequests() {
    CudaDevice gpu = Emulation.gpu();
    try (TensorScope _ = TensorScope.open();
        Variable x = Variable.of("x", Tensor.of(new float[9000], 9000).add(1).to(DEVICE));
        Program sum = Program.capture(() -> List.of(x.value().sum(List.of(0), false)))) {
      sum.replay();
      sum.replay();
      gpu.scratch(1 << 24); // takes the place of the block that the graph knows
      sum.replay();
      assertEquals(9000, sum.outputs().getFirst().item());
    }
  }

  @Test
  void readingBackInsideACaptureIsRefused() {
    CudaDevice gpu = Emulation.gpu();
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {1}, 1).to(DEVICE);
      assertThrows(CudaException.class, () -> gpu.record(() -> x.toFloats()));
      assertArrayEquals(new float[] {1}, x.to(Device.CPU).toFloats()); // usable afterwards
    }
  }
}
