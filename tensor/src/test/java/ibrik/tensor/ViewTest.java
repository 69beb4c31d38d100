package ibrik.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.backend.Backends;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Reshape, detach and slices of the leading axis share memory; everything else copies.
@ExtendWith(NoLeaks.class)
class ViewTest {
  private static Tensor counting(long... dims) {
    long elems = Shape.of(dims).elems();
    return Tensors.iota(elems, DType.F32, Device.CPU).reshape(dims);
  }

  @Test
  void viewsShareTheBuffer() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = counting(4, 3);
      assertEquals(48, scope.liveBytes());
      assertSame(x.buffer(), x.reshape(2, 6).buffer());
      assertSame(x.buffer(), x.detach().buffer());
      assertSame(x.buffer(), x.to(Device.CPU).buffer());
      Tensor rows = x.narrow(0, 1, 2);
      assertSame(x.buffer(), rows.buffer());
      assertEquals(12, rows.offsetBytes());
      assertEquals(48, scope.liveBytes(), "views count nothing");
    }
  }

  @Test
  void aSliceBehindExtentsOfOneIsAView() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = counting(1, 4, 3);
      Tensor view = x.narrow(1, 2, 2);
      assertSame(x.buffer(), view.buffer());
      assertArrayEquals(new double[] {6, 7, 8, 9, 10, 11}, view.toDoubles());
    }
  }

  @Test
  void anInnerSliceIsACopy() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = counting(4, 3);
      Tensor copy = x.narrow(1, 1, 2);
      assertNotSame(x.buffer(), copy.buffer());
      assertArrayEquals(new double[] {1, 2, 4, 5, 7, 8, 10, 11}, copy.toDoubles());
    }
  }

  @Test
  void aViewOfAViewAddsTheOffsets() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = counting(6, 2).narrow(0, 1, 4).narrow(0, 2, 2).reshape(4);
      assertArrayEquals(new double[] {6, 7, 8, 9}, x.toDoubles());
      assertEquals(24, x.offsetBytes());
    }
  }

  @Test
  void aViewKeepsTheMemoryAlive() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {1, 2, 3});
      Tensor view = x.reshape(3, 1);
      x.close();
      assertArrayEquals(new double[] {1, 2, 3}, view.toDoubles());
      assertEquals(12, Backends.of(Device.CPU).memory(0).liveBytes());
      view.close();
      assertEquals(0, Backends.of(Device.CPU).memory(0).liveBytes());
    }
  }

  @Test
  void oneExtentMayBeOpen() {
    try (TensorScope _ = TensorScope.open()) {
      assertEquals(Shape.of(3, 4), counting(12).reshape(3, -1).shape());
      assertEquals(Shape.of(0), counting(0, 4).reshape(-1).shape());
      Tensor x = counting(12);
      assertEquals(
          "[reshape] the open extent must come out whole; got x: f32[12] and [5, -1]",
          assertThrows(IllegalArgumentException.class, () -> x.reshape(5, -1)).getMessage());
      assertThrows(IllegalArgumentException.class, () -> x.reshape(-1, -1));
      assertThrows(IllegalArgumentException.class, () -> counting(0).reshape(0, -1));
    }
  }
}
