package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.tensor.random.PhiloxStream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class VectorsTest {
  private static float halves(float[] lanes) {
    float[] sums = lanes.clone();
    for (int half = sums.length / 2; half >= 1; half /= 2) {
      for (int i = 0; i < half; i++) {
        sums[i] += sums[i + half];
      }
    }
    return sums[0];
  }

  /// The same bits from the first call to the last, when the compiler has been at work.
  @Test
  void lanesAreSummedInOneOrder() {
    PhiloxStream random = new PhiloxStream(1, 0);
    float[] lanes = new float[Lanes.COUNT];
    for (int round = 0; round < 30_000; round++) {
      for (int i = 0; i < lanes.length; i++) {
        lanes[i] = (float) random.nextGaussian();
      }
      assertEquals(halves(lanes), Vectors.sum(FloatVector.fromArray(Lanes.F32, lanes, 0)));
    }
  }
}
