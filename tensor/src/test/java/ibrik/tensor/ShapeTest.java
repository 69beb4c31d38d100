package ibrik.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ShapeTest {
  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  @Test
  void countsElementsAndAxes() {
    Shape shape = Shape.of(2, 3, 4);
    assertEquals(24, shape.elems());
    assertEquals(3, shape.rank());
    assertEquals(4, shape.dim(-1));
    assertEquals(2, shape.dim(-3));
    assertArrayEquals(new long[] {12, 4, 1}, shape.strides());
    assertEquals(6, shape.elemsBefore(2));
    assertEquals(12, shape.elemsAfter(0));
  }

  @Test
  void aScalarHasOneElementAndAnEmptyShapeNone() {
    assertSame(Shape.scalar(), Shape.of());
    assertEquals(1, Shape.scalar().elems());
    assertEquals(0, Shape.of(3, 0, 2).elems());
    assertEquals(0, Shape.of(3, 0, 2).elemsAfter(0));
  }

  @Test
  void printsItsExtents() {
    assertEquals("[2,3]", Shape.of(2, 3).toString());
    assertEquals("[]", Shape.scalar().toString());
    assertEquals("f32[2,3]", new TensorSpec(DType.F32, Shape.of(2, 3)).toString());
  }

  @Test
  void doesNotShareItsArrays() {
    long[] dims = {2, 3};
    Shape shape = Shape.of(dims);
    dims[0] = 9;
    shape.dims()[1] = 9;
    assertEquals(Shape.of(List.of(2L, 3L)), shape);
  }

  @Test
  void isAValue() {
    assertEquals(Shape.of(2, 3).hashCode(), Shape.of(2, 3).hashCode());
    assertNotEquals(Shape.of(2, 3), Shape.of(3, 2));
    assertNotEquals(Shape.of(2, 3), Shape.of(2, 3, 1));
  }

  @Test
  void changesOneAxis() {
    assertEquals(Shape.of(2, 7), Shape.of(2, 3).with(-1, 7));
    assertEquals(Shape.of(3), Shape.of(2, 3).without(0));
    assertEquals(Shape.of(2), Shape.of(2, 3).without(-1));
  }

  @Test
  void stretchesOnlyExtentsOfOne() {
    assertTrue(Shape.of(3, 1).broadcastsTo(Shape.of(2, 3, 4)));
    assertTrue(Shape.scalar().broadcastsTo(Shape.of(0, 5)));
    assertTrue(Shape.of(1).broadcastsTo(Shape.of(0)));
    assertFalse(Shape.of(3).broadcastsTo(Shape.of(1)));
    assertFalse(Shape.of(2, 3).broadcastsTo(Shape.of(3)));
  }

  @Test
  void saysWhatIsWrong() {
    refused("[shape] extents must not be negative; got [2, -1]", () -> Shape.of(2, -1));
    refused(
        "[shape] rank must be at most 8; got [1, 1, 1, 1, 1, 1, 1, 1, 1]",
        () -> Shape.of(1, 1, 1, 1, 1, 1, 1, 1, 1));
    refused(
        "[shape] element count must fit in a long; got [4611686018427387904, 2]",
        () -> Shape.of(1L << 62, 2));
    refused("[shape] axis must be in [-2, 1]; got 2 for [4,5]", () -> Shape.of(4, 5).axis(2));
    refused(
        "[broadcast] extents must be equal or 1, aligned at the last axis; got [2,3] and [2]",
        () -> Shape.broadcast(Shape.of(2, 3), Shape.of(2)));
  }
}
