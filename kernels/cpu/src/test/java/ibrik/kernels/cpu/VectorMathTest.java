package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorMathTest {
  private static float lane(float x) {
    return VectorMath.exp(FloatVector.broadcast(Lanes.F32, x)).lane(Lanes.COUNT - 1);
  }

  @Test
  void expIsWithinOneUnitInTheLastPlace() {
    for (float x = -87; x < 88.7f; x += 0.0037f) {
      double want = StrictMath.exp(x);
      assertTrue(Math.abs(lane(x) - want) <= Math.ulp((float) want), "e^" + x);
    }
  }

  /// Below the normal floats the second half of 2^n rounds once more.
  @Test
  void expFadesThroughTheDenormals() {
    for (float x = -104; x < -87; x += 0.0037f) {
      assertEquals(StrictMath.exp(x), lane(x), 2 * Float.MIN_VALUE, "e^" + x);
    }
  }

  @Test
  void expOfOneNumberHasTheBitsOfALane() {
    for (float x = -110; x < 95; x += 0.0113f) {
      assertEquals(lane(x), VectorMath.exp(x), 0f);
    }
  }

  @Test
  void expOfNormalResultsHasTheSameBits() {
    for (float x = -87; x < 87; x += 0.0113f) {
      assertEquals(lane(x), normal(x), 0f, "e^" + x);
    }
    assertEquals(Float.NaN, normal(Float.NaN));
  }

  private static float normal(float x) {
    return VectorMath.normalExp(FloatVector.broadcast(Lanes.F32, x)).lane(0);
  }

  @Test
  void expBelowHasTheSameBitsOrIsZero() {
    for (float x = -110; x < 87; x += 0.0113f) {
      float want = x < -VectorMath.NORMAL ? 0 : lane(x);
      assertEquals(want, below(x), 0f, "e^" + x);
      assertEquals(want, VectorMath.expBelow(x), 0f, "e^" + x);
    }
    for (float x : new float[] {Float.NEGATIVE_INFINITY, -Float.MAX_VALUE, -87.00001f}) {
      assertEquals(0f, below(x));
      assertEquals(0f, VectorMath.expBelow(x));
    }
    assertEquals(lane(-87), below(-87));
    assertEquals(Float.NaN, below(Float.NaN));
    assertEquals(Float.NaN, VectorMath.expBelow(Float.NaN));
  }

  private static float below(float x) {
    return VectorMath.expBelow(FloatVector.broadcast(Lanes.F32, x)).lane(0);
  }

  @ParameterizedTest
  @ValueSource(
      floats = {
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Float.MIN_VALUE,
        0f,
        -0f,
        1e-10f,
        88.8f,
        -104.5f
      })
  void expOfTheRimIsThatOfTheDefinition(float x) {
    float want = (float) StrictMath.exp(x);
    assertEquals(want, lane(x));
    assertEquals(want, VectorMath.exp(x));
  }
}
