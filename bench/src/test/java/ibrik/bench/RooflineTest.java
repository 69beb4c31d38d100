package ibrik.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.bench.Roofline.Bound;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RooflineTest {
  private static final Roofline ROOF =
      new Roofline(1, 100, new TreeMap<>(Map.of(1000L, 50.0, 1_000_000L, 10.0)));

  @Test
  void theRoofIsThatOfTheWorkingSet() {
    assertEquals(50, ROOF.gbytePerSecond(10));
    assertEquals(50, ROOF.gbytePerSecond(1000.4));
    assertEquals(10, ROOF.gbytePerSecond(1002));
    assertEquals(10, ROOF.gbytePerSecond(1e9), "the largest that was measured");
    assertTrue(Double.isNaN(new Roofline(1, 1, new TreeMap<>()).gbytePerSecond(1)));
  }

  @Test
  void theLargerShareCounts() {
    assertEquals(0.25, ROOF.share(25, 5, 500), 1e-12);
    assertEquals(Bound.COMPUTE, ROOF.bound(25, 5, 500));
    assertEquals(0.5, ROOF.share(25, 5, 5000), 1e-12);
    assertEquals(Bound.MEMORY, ROOF.bound(25, 5, 5000));
  }
}
