package ibrik.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DTypeTest {
  @Test
  void countsBytes() {
    assertEquals(12, DType.F32.bytes(3));
    assertEquals(24, DType.I64.bytes(3));
    assertEquals(3, DType.BOOL.bytes(3));
    assertEquals(8, DType.F64.elementBytes());
    assertThrows(ArithmeticException.class, () -> DType.F64.bytes(Long.MAX_VALUE / 4));
  }

  @Test
  void packsBits() {
    assertEquals(0, DType.B1.bytes(0));
    assertEquals(1, DType.B1.bytes(8));
    assertEquals(2, DType.B1.bytes(9));
    assertEquals(
        "[dtype] b1 has no whole bytes per element",
        assertThrows(IllegalStateException.class, DType.B1::elementBytes).getMessage());
  }

  @Test
  void knowsItsKind() {
    assertTrue(DType.F32.isFloat() && DType.BF16.isFloat() && !DType.F32.isInteger());
    assertTrue(DType.U8.isInteger() && DType.I64.isInteger() && !DType.I64.isFloat());
    assertFalse(DType.BOOL.isFloat() || DType.BOOL.isInteger());
    assertEquals("bf16", DType.BF16.toString());
  }
}
