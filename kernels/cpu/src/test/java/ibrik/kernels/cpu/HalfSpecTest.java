package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import ibrik.spec.Input;
import ibrik.spec.OpSpec;
import ibrik.spec.OpSpecs;
import ibrik.spec.SixteenBits;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Backends;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every op of bf16 and f16 gives the numbers of the f32 kernel on the widened operands, rounded
/// once: the very bits, on any number of threads.
class HalfSpecTest {
  @AfterEach
  void restoreThreads() {
    Backends.threads(2);
  }

  private static Stream<DynamicTest> each(Stream<OpSpec> specs) {
    return SixteenBits.each(
        specs.filter(spec -> SixteenBits.computes(spec.op())), HalfSpecTest::roundsOnce);
  }

  private static void roundsOnce(OpSpec spec, DType type) {
    long before = Backends.of(Device.CPU).memory(0).liveBytes();
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> in = SixteenBits.make(spec, type, Device.CPU, 27);
      List<Tensor> wide = in.stream().map(x -> x.dtype().isFloat() ? x.as(DType.F32) : x).toList();
      if (Backends.of(Device.CPU).kernel(spec.op(), specs(wide)) == null) {
        return; // left to the scalar reference in f32 too
      }
      assertNotNull(Backends.of(Device.CPU).kernel(spec.op(), specs(in)), "must be served");
      List<Tensor> want = spec.run(wide);
      for (int threads : new int[] {1, 3}) {
        Backends.threads(threads);
        List<Tensor> got = spec.run(in);
        for (int i = 0; i < want.size(); i++) {
          Tensor rounded = want.get(i).as(got.get(i).dtype());
          assertArrayEquals(rounded.toDoubles(), got.get(i).toDoubles(), "output " + i);
        }
      }
    }
    assertEquals(before, Backends.of(Device.CPU).memory(0).liveBytes(), "bytes leaked");
  }

  private static List<TensorSpec> specs(List<Tensor> in) {
    return in.stream().map(Tensor::spec).toList();
  }

  @TestFactory
  Stream<DynamicTest> samplesRoundOnce() {
    return each(OpSpecs.all().stream());
  }

  @TestFactory
  Stream<DynamicTest> largeSamplesRoundOnce() {
    return each(OpSpecs.large().stream());
  }

  @TestFactory
  Stream<DynamicTest> nanAndInfinityPropagate() {
    return each(
        OpSpecs.all().stream()
            .filter(OpSpec::specialInputs)
            .map(
                s ->
                    OpSpec.flat(
                        s.op(), s.inputs().stream().map(Input::special).toArray(Input[]::new))));
  }
}
