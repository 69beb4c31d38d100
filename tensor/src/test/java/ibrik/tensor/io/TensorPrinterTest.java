package ibrik.tensor.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.NoLeaks;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class TensorPrinterTest {
  private static void prints(String text, Tensor tensor) {
    assertEquals(text, tensor.toString());
  }

  @Test
  void writesTypeShapeAndNumbers() {
    try (TensorScope _ = TensorScope.open()) {
      prints("f32[] 1.5000", Tensor.scalar(1.5f));
      prints("i32[3] [1, -2, 3]", Tensor.of(new int[] {1, -2, 3}));
      prints("bool[2] [true, false]", Tensor.of(new boolean[] {true, false}));
      prints(
          """
          f32[2,3] [[1.0000, 2.0000, 3.0000],
           [4.0000, 5.0000, 6.0000]]""",
          Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    }
  }

  @Test
  void writesSpecialNumbers() {
    try (TensorScope _ = TensorScope.open()) {
      prints(
          "f64[6] [NaN, Infinity, -Infinity, 1.0000e-05, 2.5000e+06, 0.0000]",
          Tensor.of(new double[] {Double.NaN, 1 / 0.0, -1 / 0.0, 1e-5, 2.5e6, 0}));
    }
  }

  @Test
  void largeIntegersAreExact() {
    try (TensorScope _ = TensorScope.open()) {
      prints("i64[1] [9007199254740993]", Tensor.of(new long[] {(1L << 53) + 1}, 1));
    }
  }

  @Test
  void leavesOutTheMiddle() {
    try (TensorScope _ = TensorScope.open()) {
      prints("i32[6] [0, 1, 2, 3, 4, 5]", Tensors.iota(6, DType.I32, Device.CPU));
      prints("i32[7] [0, 1, 2, ..., 4, 5, 6]", Tensors.iota(7, DType.I32, Device.CPU));
      prints(
          """
          i32[8,1] [[0],
           [1],
           [2],
           ...,
           [5],
           [6],
           [7]]""",
          Tensors.iota(8, DType.I32, Device.CPU).reshape(8, 1));
    }
  }

  @Test
  void writesEmptyTensors() {
    try (TensorScope _ = TensorScope.open()) {
      prints("f32[0] []", Tensor.of(new float[0], 0));
      prints("f32[2,0] [[],\n []]", Tensor.of(new float[0], 2, 0));
    }
  }
}
