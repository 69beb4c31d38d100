package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// The roofs do the work that they are said to do.
class RoofsTest {
  @Test
  void everyVectorTakesEveryStep() {
    // s <- s/2 + b from b: after 3 steps b (1/8 + 1/4 + 1/2 + 1), in every lane of every chain.
    double lanes = Roofs.flopsPerStep() / 2.0;
    assertEquals(lanes * 1e-3 * 1.875, Roofs.multiplyAdd(3, 0.5f), 1e-5);
    assertEquals(lanes * 1e-3, Roofs.multiplyAdd(0, 0.5f), 1e-5);
  }

  @Test
  void copiesWhatIsAskedForAndNoMore() {
    float[] from = new float[3 * Lanes.COUNT];
    for (int i = 0; i < from.length; i++) {
      from[i] = i + 1;
    }
    float[] to = new float[from.length];
    Roofs.copy(MemorySegment.ofArray(from), MemorySegment.ofArray(to), 2 * Lanes.BYTES);
    float[] want = from.clone();
    java.util.Arrays.fill(want, 2 * Lanes.COUNT, want.length, 0);
    assertArrayEquals(want, to);
  }
}
