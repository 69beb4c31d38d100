package ibrik.nn.init;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.nn.NoLeaks;
import ibrik.nn.init.Init.Fan;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A kernel of 64 channels out, 3x3, 20 in: fan in 180, fan out (all but the last axis) 576.
@ExtendWith(NoLeaks.class)
class InitTest {
  private static final TensorSpec KERNEL = new TensorSpec(DType.F32, Shape.of(64, 3, 3, 20));
  private static final int COUNT = 64 * 9 * 20;
  private static final int IN = 180;
  private static final int OUT = 576;

  private static double[] make(Init init, TensorSpec spec, long seed, String name) {
    try (TensorScope _ = TensorScope.open()) {
      return init.make(spec, seed, name, Device.CPU).toDoubles();
    }
  }

  private static double[] make(Init init) {
    return make(init, KERNEL, 1, "weight");
  }

  /// Mean 0 and this standard deviation, within five standard errors; `kurtosis` is the fourth
  /// moment over the variance squared.
  private static void moments(double[] x, double std, double kurtosis) {
    double mean = Arrays.stream(x).average().orElseThrow();
    double variance = Arrays.stream(x).map(v -> v * v).average().orElseThrow();
    assertEquals(0, mean, 5 * std / Math.sqrt(COUNT));
    double error = std * std * Math.sqrt((kurtosis - 1) / COUNT);
    assertEquals(std * std, variance, 5 * error);
  }

  private static void uniform(double[] x, double bound) {
    moments(x, bound / Math.sqrt(3), 1.8);
    double most = Arrays.stream(x).map(Math::abs).max().orElseThrow();
    assertTrue(most <= bound * (1 + 1e-6) && most > 0.99 * bound, () -> most + " of " + bound);
  }

  @Test
  void normals() {
    moments(make(Init.kaimingNormal()), Math.sqrt(2.0 / OUT), 3);
    moments(make(Init.kaimingNormal(Fan.IN)), Math.sqrt(2.0 / IN), 3);
    moments(make(Init.xavierNormal()), Math.sqrt(2.0 / (IN + OUT)), 3);
    moments(make(Init.normal(0.02)), 0.02, 3);
  }

  @Test
  void uniforms() {
    uniform(make(Init.kaimingUniform(Fan.IN)), Math.sqrt(6.0 / IN));
    uniform(make(Init.kaimingUniform(Fan.OUT)), Math.sqrt(6.0 / OUT));
    uniform(make(Init.xavierUniform()), Math.sqrt(6.0 / (IN + OUT)));
    uniform(make(Init.uniformFanIn()), 1 / Math.sqrt(IN));
    uniform(make(Init.uniform(0.3)), 0.3);
  }

  @Test
  void aTruncatedNormalEndsAtTwoDeviations() {
    double std = 1 / Math.sqrt(IN);
    double[] x = make(Init.truncatedNormal());
    assertTrue(Arrays.stream(x).allMatch(v -> Math.abs(v) <= 2 * std * (1 + 1e-6)));
    moments(x, 0.8796 * std, 3);
  }

  @Test
  void constants() {
    assertTrue(Arrays.stream(make(Init.constant(0.5))).allMatch(v -> v == 0.5));
  }

  @Test
  void seedAndNameDecideAndNothingElse() {
    Init init = Init.kaimingNormal();
    double[] first = make(init, KERNEL, 7, "layer1.0.conv1.weight");
    assertArrayEquals(first, make(init, KERNEL, 7, "layer1.0.conv1.weight"));
    assertFalse(Arrays.equals(first, make(init, KERNEL, 8, "layer1.0.conv1.weight")));
    assertFalse(Arrays.equals(first, make(init, KERNEL, 7, "layer1.0.conv2.weight")));
    double[] t = make(Init.truncatedNormal(), KERNEL, 7, "a");
    assertArrayEquals(t, make(Init.truncatedNormal(), KERNEL, 7, "a"));
    assertFalse(Arrays.equals(t, make(Init.truncatedNormal(), KERNEL, 7, "b")));
  }

  @Test
  void theReferenceDeviceGetsTheSameNumbers() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor there = Init.kaimingNormal().make(KERNEL, 1, "weight", Device.REFERENCE);
      assertEquals(Device.REFERENCE, there.device());
      assertArrayEquals(make(Init.kaimingNormal()), there.toDoubles());
    }
  }
}
