package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.tensor.random.PhiloxStream;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class VectorsTest {
  private static float inHalves(float[] lanes) {
    float[] sums = lanes.clone();
    for (int half = sums.length / 2; half >= 1; half /= 2) {
      for (int i = 0; i < half; i++) {
        sums[i] += sums[i + half];
      }
    }
    return sums[0];
  }

  /// Often enough that the loop is interpreted at first and compiled at the end: lanes of mixed
  /// size whose sum depends on the order.
  @Test
  void lanesAreAddedInOneOrderHoweverTheCodeRuns() {
    PhiloxStream random = new PhiloxStream(1, 2);
    float[] lanes = new float[Lanes.COUNT];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = (float) Math.scalb(random.nextGaussian(), random.nextInt(24));
    }
    float want = inHalves(lanes);
    long different =
        IntStream.range(0, 60_000)
            .filter(_ -> Vectors.sum(FloatVector.fromArray(Lanes.F32, lanes, 0)) != want)
            .count();
    assertEquals(0, different);
  }
}
