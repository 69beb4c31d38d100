package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.spec.LiveBytes;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.op.Conv2dGeometry;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The largest sums there are: floats that held one block too long would lose the last digit.
@ExtendWith(LiveBytes.class)
@Tag("lanes")
class IntGemmTest {
  private static Tensor filled(int value, long... dims) {
    byte[] bytes = new byte[Math.toIntExact(Arrays.stream(dims).reduce(1, (a, b) -> a * b))];
    Arrays.fill(bytes, (byte) value);
    return Tensor.ofInt8(bytes, dims);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 511, 512, 513, 1023, 1100, 65_793})
  void extremesAreExact(int depth) {
    try (TensorScope _ = TensorScope.open()) {
      for (int weight : new int[] {-127, -128, 127}) {
        int want = -255 * weight * depth;
        int[] sums = filled(-128, 2, depth).intMatMul(filled(weight, 3, depth), 127).toInts();
        for (int sum : sums) {
          assertEquals(want, sum, weight + " x " + depth);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {57, 121})
  void extremesOfConvolutionsAreExact(int channels) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = filled(-128, 1, 3, 3, channels);
      Tensor w = filled(-127, 2, 3, 3, channels);
      int[] sums = x.intConv2d(w, Conv2dGeometry.of(1, 1), 127).toInts();
      int pixel = 255 * 127 * channels;
      assertEquals(9 * pixel, sums[8], "the middle sees all");
      assertEquals(4 * pixel, sums[0], "the corner sees four");
      assertEquals(6 * pixel, sums[3]);
    }
  }
}
