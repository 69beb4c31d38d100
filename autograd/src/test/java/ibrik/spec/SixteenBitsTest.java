package ibrik.spec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// What batch norms of bf16 and f16 mean: those of the widened numbers, rounded once.
class SixteenBitsTest {
  @TestFactory
  Stream<DynamicTest> batchNormsRoundOnce() {
    return SixteenBits.each(
        OpSpecs.all().stream().filter(spec -> SixteenBits.isBatchNorm(spec.op())),
        SixteenBitsTest::roundsOnce);
  }

  private static void roundsOnce(OpSpec spec, DType type) {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> in = SixteenBits.make(spec, type, Device.REFERENCE, 26);
      List<Tensor> got = spec.run(in);
      List<Tensor> want = spec.run(SixteenBits.in(DType.F32, in));
      for (int i = 0; i < want.size(); i++) {
        boolean ofChannels = want.get(i).rank() == 1;
        assertEquals(ofChannels ? DType.F32 : type, got.get(i).dtype(), "output " + i);
        assertArrayEquals(
            want.get(i).cast(got.get(i).dtype()).toDoubles(),
            got.get(i).toDoubles(),
            "output " + i);
      }
    }
  }
}
