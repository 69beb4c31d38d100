package ibrik.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ElementsTest {
  private final MemorySegment cells = MemorySegment.ofArray(new long[4]);

  private double stored(DType dtype, double value) {
    Elements.set(cells, dtype, 1, value);
    return Elements.get(cells, dtype, 1);
  }

  @Test
  void keepsWhatTheTypeHolds() {
    assertEquals((float) 0.1, stored(DType.F32, 0.1));
    assertEquals(0.1, stored(DType.F64, 0.1));
    assertEquals(-3, stored(DType.I32, -3.9), "truncates");
    assertEquals(-1, stored(DType.I8, 255), "wraps");
    assertEquals(255, stored(DType.U8, 255));
    assertEquals(1, stored(DType.BOOL, -0.5), "anything but 0 is true");
  }

  @Test
  void largeIntegersAreExactAsLongs() {
    long odd = (1L << 53) + 1;
    Elements.setLong(cells, DType.I64, 2, odd);
    assertEquals(odd, Elements.getLong(cells, DType.I64, 2));
    assertEquals(odd - 1, Elements.get(cells, DType.I64, 2), "rounded as a double");
    Elements.setLong(cells, DType.I32, 0, 1L << 32 | 5);
    assertEquals(5, Elements.getLong(cells, DType.I32, 0), "wraps");
  }

  @Test
  void readsTypesWithoutKernels() {
    cells.set(java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) 0x3F80);
    assertEquals(1, Elements.get(cells, DType.BF16, 0));
    cells.set(java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED, 2, (short) 0x3C00);
    assertEquals(1, Elements.get(cells, DType.F16, 1));
    cells.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 4, (byte) 0b100);
    assertEquals(1, Elements.get(cells, DType.B1, 34));
    assertEquals(0, Elements.get(cells, DType.B1, 33));
    assertEquals(
        "[dtype] b1 is declared but has no kernels; use another type",
        assertThrows(UnsupportedOperationException.class, () -> Elements.set(cells, DType.B1, 0, 1))
            .getMessage());
  }
}
