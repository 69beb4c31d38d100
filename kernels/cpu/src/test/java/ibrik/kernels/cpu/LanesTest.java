package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LanesTest {
  /// `ibrik.test.lanes` is set where the build narrows the vectors.
  @Test
  @Tag("lanes")
  void theBuildsLimitHolds() {
    assertTrue(Lanes.COUNT <= Integer.getInteger("ibrik.test.lanes", Lanes.COUNT));
    assertEquals(1, Integer.bitCount(Lanes.COUNT));
    assertEquals(Lanes.COUNT * 4L, Lanes.BYTES);
  }
}
