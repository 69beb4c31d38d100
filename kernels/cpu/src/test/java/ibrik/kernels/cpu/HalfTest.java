package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.spec.LiveBytes;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.HalfFloats;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Casts to and from 16 bits bit for bit, and the product of bf16 matrices.
@ExtendWith(LiveBytes.class)
class HalfTest {
  private static Tensor normal(long stream, long... dims) {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(dims));
    return Tensors.normal(spec, 0, 1, Tensors.key(6, stream, Device.CPU));
  }

  private static byte[] bits(Tensor tensor) {
    return tensor.data().toArray(ValueLayout.JAVA_BYTE);
  }

  /// Special numbers in vectors and behind the last.
  private static Tensor often(float[] numbers) {
    float[] all = new float[5 * numbers.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = numbers[i % numbers.length];
    }
    return Tensor.of(all);
  }

  @Test
  @Tag("lanes")
  void castsAreThoseOfTheReference() {
    float[] special = {
      0,
      -0f,
      Float.NaN,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MAX_VALUE,
      65504,
      65519.99f,
      65520,
      1e-8f,
      -1e-8f,
      Float.MIN_VALUE,
      1.00390625f,
      1.01171875f,
      Float.intBitsToFloat(0xFFC12345),
      Float.intBitsToFloat(0x7F800001),
      Float.intBitsToFloat(0x7F7FFFFF)
    };
    try (TensorScope _ = TensorScope.open()) {
      for (Tensor x : new Tensor[] {often(special), normal(1, 70_001), normal(2, 0)}) {
        for (DType type : new DType[] {DType.BF16, DType.F16}) {
          Tensor half = x.cast(type);
          Tensor there = x.to(Device.REFERENCE).cast(type);
          assertArrayEquals(bits(there), bits(half), type.tag());
          assertArrayEquals(bits(there.cast(DType.F32)), bits(half.cast(DType.F32)), type.tag());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "3,5,7", "33,17,65", "0,3,2", "2,3,0", "130,70,500"})
  void productsRoundOnce(long m, long n, long k) {
    try (TensorScope _ = TensorScope.open()) {
      for (boolean ta : new boolean[] {false, true}) {
        for (boolean tb : new boolean[] {false, true}) {
          Tensor a = (ta ? normal(3, 2, k, m) : normal(3, 2, m, k)).cast(DType.BF16);
          Tensor b = (tb ? normal(4, n, k) : normal(4, k, n)).cast(DType.BF16);
          Tensor got = a.matMul(b, ta, tb);
          assertEquals(DType.BF16, got.dtype());
          Tensor wide = a.cast(DType.F32).matMul(b.cast(DType.F32), ta, tb);
          float[] sums = wide.toFloats();
          for (int i = 0; i < sums.length; i++) {
            sums[i] = HalfFloats.fromBf16(HalfFloats.toBf16(sums[i]));
          }
          assertArrayEquals(sums, got.cast(DType.F32).toFloats());
        }
      }
    }
  }
}
