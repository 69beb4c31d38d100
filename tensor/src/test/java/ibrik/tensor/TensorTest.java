package ibrik.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Making tensors from Java values and reading them back.
@ExtendWith(NoLeaks.class)
class TensorTest {
  @Test
  void takesEachJavaType() {
    try (TensorScope _ = TensorScope.open()) {
      assertEquals("f32[2,2]", Tensor.of(new float[4], 2, 2).spec().toString());
      assertEquals("f64[1,2]", Tensor.of(new double[2], 1, 2).spec().toString());
      assertEquals("i32[3]", Tensor.of(new int[3], 3).spec().toString());
      assertEquals("i64[3]", Tensor.of(new long[3], 3L).spec().toString());
      assertEquals("u8[3]", Tensor.of(new byte[3], 3).spec().toString());
      assertEquals("bool[3]", Tensor.of(new boolean[3], 3).spec().toString());
      assertEquals("f32[]", Tensor.scalar(1f).spec().toString());
      assertEquals("f64[]", Tensor.scalar(1.0).spec().toString());
    }
  }

  @Test
  void withoutExtentsValuesAreAVector() {
    try (TensorScope _ = TensorScope.open()) {
      assertEquals(Shape.of(3), Tensor.of(new int[] {1, 2, 3}).shape());
      assertEquals(Shape.of(0), Tensor.of(new int[0]).shape());
      assertEquals(Shape.scalar(), Tensor.of(new int[] {1}).shape(), "one value is a scalar");
    }
  }

  @Test
  void givesEveryTypeAsDoubles() {
    try (TensorScope _ = TensorScope.open()) {
      assertArrayEquals(new double[] {1.5}, Tensor.of(new float[] {1.5f}, 1).toDoubles());
      assertArrayEquals(new double[] {255, 1}, Tensor.of(new byte[] {-1, 1}).toDoubles());
      assertArrayEquals(new double[] {1, 0}, Tensor.of(new boolean[] {true, false}).toDoubles());
      assertArrayEquals(new double[] {-7, 8}, Tensor.of(new long[] {-7, 8}).toDoubles());
    }
  }

  @Test
  void roundsToFloats() {
    try (TensorScope _ = TensorScope.open()) {
      assertArrayEquals(new float[] {0.1f, 3f}, Tensor.of(new double[] {0.1, 3}).toFloats());
    }
  }

  @Test
  void integersAreExactOrRefused() {
    try (TensorScope _ = TensorScope.open()) {
      assertArrayEquals(new int[] {-1, 7}, Tensor.of(new long[] {-1, 7}).toInts());
      assertArrayEquals(new int[] {1, 0}, Tensor.of(new boolean[] {true, false}).toInts());
      Tensor wide = Tensor.of(new long[] {0, 1L << 31});
      assertEquals(
          "[tensor] ints need values within 32 bits; got 2147483648 in i64[2]",
          assertThrows(IllegalStateException.class, wide::toInts).getMessage());
      Tensor floats = Tensor.of(new float[] {1, 2});
      assertEquals(
          "[tensor] needs integers or bools; got f32[2]",
          assertThrows(IllegalStateException.class, floats::toInts).getMessage());
    }
  }

  @Test
  void anItemIsTheOnlyElement() {
    try (TensorScope _ = TensorScope.open()) {
      assertEquals(4, Tensor.of(new int[] {4}, 1, 1).item());
      Tensor two = Tensor.of(new int[2]);
      assertEquals(
          "[item] needs exactly one element; got i32[2]",
          assertThrows(IllegalStateException.class, two::item).getMessage());
    }
  }

  @Test
  void refusesAnotherNumberOfValues() {
    try (TensorScope _ = TensorScope.open()) {
      assertEquals(
          "[tensor] shape [2,2] needs 4 values; got 3",
          assertThrows(IllegalArgumentException.class, () -> Tensor.of(new float[3], 2, 2))
              .getMessage());
      MemorySegment short1 = MemorySegment.ofArray(new byte[7]);
      TensorSpec spec = new TensorSpec(DType.F32, Shape.of(2));
      assertEquals(
          "[tensor] source must hold 8 bytes for f32[2]; got 7",
          assertThrows(
                  IllegalArgumentException.class, () -> Tensor.copyOf(short1, spec, Device.CPU))
              .getMessage());
    }
  }

  @Test
  void makesConstantsAndRanges() {
    try (TensorScope _ = TensorScope.open()) {
      TensorSpec spec = new TensorSpec(DType.F64, Shape.of(1, 3));
      assertArrayEquals(new double[] {2, 2, 2}, Tensors.full(spec, 2, Device.CPU).toDoubles());
      Tensor x = Tensors.zeros(spec, Device.CPU);
      assertEquals(spec, Tensors.onesLike(x).spec());
      assertEquals(3, Tensors.onesLike(x).sum().item());
      assertEquals(0, Tensors.zerosLike(x).sum().item());
      assertArrayEquals(new int[] {0, 1, 2}, Tensors.iota(3, DType.U8, Device.CPU).toInts());
    }
  }
}
