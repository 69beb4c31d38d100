package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.spec.Input;
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
import ibrik.tensor.exec.Program;
import ibrik.tensor.op.Elementwise;
import ibrik.tensor.op.Layout;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Generated from the specs: every op in a program, and every kernel that may overwrite an input.
class ProgramSpecTest {
  @AfterEach
  void restoreThreads() {
    Backends.threads(2);
  }

  /// The samples, and some that keep several threads busy.
  private static Stream<OpSpec> specs() {
    return Stream.concat(
        OpSpecs.all().stream().filter(spec -> !(spec.op() instanceof Layout.ToDevice)),
        Stream.of(
            OpSpec.flat(new Elementwise.Exp(), Input.normal(140_001)),
            OpSpec.flat(new Elementwise.Add(), Input.normal(140_001), Input.normal(140_001)),
            OpSpec.flat(new Elementwise.Mul(), Input.normal(600, 257), Input.normal(257)),
            OpSpec.flat(new Elementwise.Sub(), Input.normal(600, 1), Input.normal(600, 257)),
            OpSpec.flat(
                new Elementwise.Where(),
                Input.bool(300, 257),
                Input.normal(300, 257),
                Input.normal(257))));
  }

  private static Stream<DynamicTest> each(Consumer<OpSpec> body) {
    return specs()
        .map(
            spec ->
                DynamicTest.dynamicTest(
                    spec.toString(),
                    () -> {
                      long before = Backends.of(Device.CPU).memory(0).liveBytes();
                      Backends.threads(4);
                      body.accept(spec);
                      assertEquals(
                          before, Backends.of(Device.CPU).memory(0).liveBytes(), "bytes leaked");
                    }));
  }

  private static byte[][] bits(List<Tensor> tensors) {
    return tensors.stream()
        .map(tensor -> tensor.data().toArray(ValueLayout.JAVA_BYTE))
        .toArray(byte[][]::new);
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
    return each(
        spec -> {
          for (DType floating : List.of(DType.F32, DType.F64)) {
            List<Variable> variables = new ArrayList<>();
            try (TensorScope _ = TensorScope.open()) {
              for (Tensor tensor : spec.make(floating, Device.CPU, 31)) {
                variables.add(Variable.of("input" + variables.size(), tensor));
              }
              try (Program program = Program.capture(() -> onCopies(spec, variables))) {
                for (long seed : new long[] {31, 32}) {
                  List<Tensor> fresh = spec.make(floating, Device.CPU, seed);
                  for (int i = 0; i < fresh.size(); i++) {
                    variables.get(i).set(fresh.get(i));
                  }
                  program.replay();
                  assertArrayEquals(bits(onCopies(spec, variables)), bits(program.outputs()));
                }
              }
            } finally {
              variables.forEach(Variable::close);
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> kernelsThatMayOverwriteAnInputDoSo() {
    return each(
        spec -> {
          try (TensorScope _ = TensorScope.open()) {
            overwrite(spec, () -> spec.make(DType.F32, Device.CPU, 33));
            if (SixteenBits.computes(spec.op())) {
              overwrite(spec, () -> SixteenBits.make(spec, DType.BF16, Device.CPU, 33));
            }
          }
        });
  }

  private static void overwrite(OpSpec spec, Supplier<List<Tensor>> inputs) {
    List<TensorSpec> specs = inputs.get().stream().map(Tensor::spec).toList();
    Kernel kernel = kernel(spec, specs);
    List<TensorSpec> out = spec.op().infer(specs);
    for (int i = 0; kernel != null && i < specs.size(); i++) {
      if (kernel.mayOverwrite(i) && specs.get(i).bytes() == out.getFirst().bytes()) {
        byte[][] want = bits(spec.run(inputs.get()));
        List<Tensor> in = inputs.get();
        List<Tensor> results = new ArrayList<>();
        for (TensorSpec one : out) {
          results.add(
              results.isEmpty()
                  ? in.get(i).borrow(one, 0, "over")
                  : Tensor.allocate(one, Device.CPU, "test"));
        }
        kernel.run(in, results);
        assertArrayEquals(want, bits(results), "over input " + i);
      }
    }
  }

  private static Kernel kernel(OpSpec spec, List<TensorSpec> in) {
    Kernel own = Backends.of(Device.CPU).kernel(spec.op(), in);
    return own == null ? Backends.of(Device.REFERENCE).kernel(spec.op(), in) : own;
  }

  @Test
  void manyKernelsMayOverwriteAnInput() {
    List<String> tags =
        specs()
            .filter(
                spec -> {
                  List<TensorSpec> in =
                      spec.inputs().stream()
                          .map(input -> new TensorSpec(input.dtype(DType.F32), input.shape()))
                          .toList();
                  Kernel kernel = kernel(spec, in);
                  return kernel != null && kernel.mayOverwrite(0);
                })
            .map(spec -> spec.op().tag())
            .distinct()
            .toList();
    assertTrue(tags.containsAll(List.of("exp", "add", "relu_backward", "where", "batch_norm")));
    assertTrue(
        !tags.contains("mat_mul") && !tags.contains("conv2d") && !tags.contains("transpose"));
    assertTrue(tags.size() > 25, tags::toString);
  }

  @Test
  void aProgramUsesTheThreadsOfItsTime() {
    CpuPool pool = new CpuPool(1);
    try {
      pool.resize(3);
      assertEquals(3, pool.threads());
      java.util.Set<Thread> seen = java.util.concurrent.ConcurrentHashMap.newKeySet();
      java.util.concurrent.CountDownLatch all = new java.util.concurrent.CountDownLatch(3);
      pool.run(
          3,
          _ -> {
            seen.add(Thread.currentThread());
            all.countDown();
            try {
              all.await();
            } catch (InterruptedException stopped) {
              Thread.currentThread().interrupt();
            }
          });
      assertEquals(3, seen.size());
      pool.resize(1);
      seen.clear();
      pool.run(8, _ -> seen.add(Thread.currentThread()));
      assertEquals(java.util.Set.of(Thread.currentThread()), seen);
    } finally {
      pool.close();
    }
  }
}
