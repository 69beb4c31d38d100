package ibrik.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class HalfFloatsTest {
  /// All 65536 patterns survive the way to f32 and back, NaN as NaN.
  @Test
  void everyPatternIsItself() {
    for (int i = 0; i < 1 << 16; i++) {
      short bits = (short) i;
      float wide = HalfFloats.fromBf16(bits);
      if (Float.isNaN(wide)) {
        assertTrue(Float.isNaN(HalfFloats.fromBf16(HalfFloats.toBf16(wide))));
      } else {
        assertEquals(bits, HalfFloats.toBf16(wide));
        assertEquals(bits, HalfFloats.toBf16((double) wide));
      }
      float half = Float.float16ToFloat(bits);
      if (!Float.isNaN(half)) {
        assertEquals(bits, HalfFloats.toF16(half));
      }
    }
  }

  @Test
  void tiesGoToEven() {
    float ulp = 0x1p-7f; // of bf16 at 1
    assertEquals(1, bf16(1 + ulp / 2));
    assertEquals(1 + 2 * ulp, bf16(1 + 1.5f * ulp));
    assertEquals(1 + ulp, bf16(Math.nextUp(1 + ulp / 2)));
    assertEquals(-1, bf16(-1 - ulp / 2));
    assertEquals(Float.POSITIVE_INFINITY, bf16(Float.MAX_VALUE), "rounds up past the largest");
    assertEquals(-0.0f, bf16(-0.0f));
    assertTrue(Float.isNaN(bf16(Float.intBitsToFloat(0x7F800001))), "not an infinity");
  }

  /// A double just above a tie: going by way of f32 would land on the tie and round it down.
  @Test
  void doublesAreRoundedOnce() {
    double above = 1 + 0x1p-8 + 0x1p-40;
    assertEquals(1 + 0x1p-7f, HalfFloats.fromBf16(HalfFloats.toBf16(above)));
    assertEquals(1, bf16((float) above), "the trap");
    double half = 1 + 0x1p-11 + 0x1p-40;
    assertEquals(1 + 0x1p-10f, Float.float16ToFloat(HalfFloats.toF16(half)));
    assertEquals(Float.POSITIVE_INFINITY, HalfFloats.fromBf16(HalfFloats.toBf16(Double.MAX_VALUE)));
    assertEquals(0, HalfFloats.fromBf16(HalfFloats.toBf16(Double.MIN_VALUE)));
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      double value = random.nextGaussian() * Math.pow(2, random.nextInt(20) - 10);
      nearest(value, HalfFloats.fromBf16(HalfFloats.toBf16(value)), 0x1p-8);
      nearest(value, Float.float16ToFloat(HalfFloats.toF16(value)), 0x1p-11);
    }
  }

  /// Within half a unit: `|value - got| <= 2^e half` with the exponent of the value.
  private static void nearest(double value, double got, double half) {
    double unit = Math.max(Math.scalb(half, Math.getExponent(value)), 0x1p-25);
    BigDecimal off = new BigDecimal(value).subtract(new BigDecimal(got)).abs();
    assertTrue(off.compareTo(new BigDecimal(unit)) <= 0, () -> value + " became " + got);
  }

  private static float bf16(float value) {
    return HalfFloats.fromBf16(HalfFloats.toBf16(value));
  }

  /// Created by a cast, computed by widening, read back.
  @Test
  void tensorsOfBothTypes() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {1, 2.5f, -3.14159f, 1e-3f});
      for (DType type : new DType[] {DType.BF16, DType.F16}) {
        Tensor half = x.cast(type);
        assertEquals(type, half.dtype());
        assertEquals(8, half.spec().bytes());
        double[] twice = half.add(half).toDoubles();
        double[] once = half.toDoubles();
        for (int i = 0; i < 4; i++) {
          assertEquals(2 * once[i], twice[i]);
          assertEquals(x.toDoubles()[i], once[i], Math.abs(once[i]) * 0x1p-8);
        }
        assertArrayEquals(once, half.cast(DType.F32).toDoubles());
        assertEquals(type, half.exp().dtype());
        assertEquals(type, half.reshape(2, 2).matMul(half.reshape(2, 2)).dtype());
      }
    }
  }
}
