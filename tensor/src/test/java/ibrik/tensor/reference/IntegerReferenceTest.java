package ibrik.tensor.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.tensor.DType;
import ibrik.tensor.NoLeaks;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.IntegerOp.Requantize;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Integers by hand and against exact decimals.
@ExtendWith(NoLeaks.class)
class IntegerReferenceTest {
  /// Numbers 3, 255, 0, 128 of 0 ... 255 with zero point 128, which is 0 of -128 ... 127.
  @Test
  void sumsWithAndWithoutZeroPoint() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor w = Tensor.ofInt8(new byte[] {-5, 7, 127, -128}, 1, 4);
      Tensor x = Tensor.ofInt8(new byte[] {-125, 127, -128, 0}, 1, 4);
      assertEquals(DType.I32, x.intMatMul(w, 0).dtype());
      assertArrayEquals(new int[] {-14742}, x.intMatMul(w, 0).toInts());
      // The sum of the weights is 1.
      assertArrayEquals(new int[] {-14742 - 100}, x.intMatMul(w, 100).toInts());
    }
  }

  /// Outside the image stands the zero point, whose meaning is 0.
  @Test
  void paddingMeansZero() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.ofInt8(new byte[] {5, 6, 7, 8}, 1, 2, 2, 1);
      byte[] ones = {1, 1, 1, 1, 1, 1, 1, 1, 1};
      Tensor w = Tensor.ofInt8(ones, 1, 3, 3, 1);
      int[] sums = x.intConv2d(w, Conv2dGeometry.of(1, 1), 4).toInts();
      assertArrayEquals(new int[] {10, 10, 10, 10}, sums);
    }
  }

  @Test
  void rescalingIsExact() {
    Random random = new Random(2);
    Requantize wide = new Requantize(0, -128, 127);
    for (int i = 0; i < 100_000; i++) {
      int shift = random.nextInt(63);
      int sum = random.nextInt() >> random.nextInt(31);
      int multiplier = (random.nextInt() & Integer.MAX_VALUE) >> random.nextInt(31);
      BigDecimal exact =
          new BigDecimal(sum)
              .multiply(new BigDecimal(multiplier))
              .divide(BigDecimal.valueOf(2).pow(shift));
      long want = exact.setScale(0, RoundingMode.HALF_EVEN).longValueExact();
      assertEquals(
          Math.clamp(want, -128, 127),
          wide.apply(sum, 0, multiplier, shift),
          () -> exact.toString());
    }
    assertEquals(-7, new Requantize(-7, -7, 127).apply(-1000, 0, 1, 0), "a rectifier");
    assertEquals(3, new Requantize(1, -128, 127).apply(5, -1, 1, 1));
  }

  @Test
  void fourBitsEightToAWord() {
    try (TensorScope _ = TensorScope.open()) {
      byte[] values = {-8, 7, -1, 3, 0, -5, 2, -2, 6};
      Tensor packed = Tensor.ofInt8(values, 9).packInt4();
      assertArrayEquals(new int[] {0xe2b03f78, 6}, packed.toInts());
      assertArrayEquals(new int[] {-8, 7, -1, 3, 0, -5, 2, -2, 6}, packed.unpackInt4(9).toInts());
    }
  }
}
