package ibrik.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Laws of shapes that hold for any extents.
class ShapeLawsTest {
  @Provide
  Arbitrary<Shape> shapes() {
    Arbitrary<List<Long>> dims = Arbitraries.of(0L, 1L, 2L, 3L).list().ofMaxSize(4);
    return dims.map(Shape::of);
  }

  @Property(tries = 300)
  void broadcastingIsSymmetric(@ForAll("shapes") Shape a, @ForAll("shapes") Shape b) {
    assertEquals(Shape.compatible(a, b), Shape.compatible(b, a));
    if (Shape.compatible(a, b)) {
      assertEquals(Shape.broadcast(a, b), Shape.broadcast(b, a));
    }
  }

  @Property(tries = 300)
  void bothSidesStretchToTheResult(@ForAll("shapes") Shape a, @ForAll("shapes") Shape b) {
    if (Shape.compatible(a, b)) {
      Shape both = Shape.broadcast(a, b);
      assertTrue(a.broadcastsTo(both) && b.broadcastsTo(both));
      assertEquals(Math.max(a.rank(), b.rank()), both.rank());
    }
  }

  @Property(tries = 300)
  void stretchingToAShapeIsBroadcastingWithIt(
      @ForAll("shapes") Shape a, @ForAll("shapes") Shape b) {
    assertEquals(a.broadcastsTo(b), Shape.compatible(a, b) && Shape.broadcast(a, b).equals(b));
  }

  @Property(tries = 100)
  void scalarsAreNeutral(@ForAll("shapes") Shape a) {
    assertEquals(a, Shape.broadcast(a, Shape.scalar()));
    assertEquals(a, Shape.broadcast(a, a));
  }

  @Property(tries = 100)
  void extentsBeforeAtAndAfterMakeTheWhole(@ForAll("shapes") Shape a) {
    for (int axis = 0; axis < a.rank(); axis++) {
      assertEquals(a.elems(), a.elemsBefore(axis) * a.dim(axis) * a.elemsAfter(axis));
    }
  }
}
