package ibrik.nn.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.op.Binary.Outside;
import ibrik.tensor.op.Conv2dGeometry;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SignThresholdsTest {
  @AfterEach
  void nothingLeaks() {
    assertEquals(0, Backends.of(Device.CPU).memory(0).liveBytes(), "live tensor bytes");
  }

  /// K = 36, k = -1/16, b = 0.55: negative for more than 8.8, so for at most 13 differing bits.
  @Test
  void workedOutByHand() {
    SignThresholds thresholds = SignThresholds.of(new double[] {-.0625}, new double[] {.55});
    for (int p = 0; p <= 36; p++) {
      assertEquals(p <= 13, thresholds.negative(0, 36 - 2 * p), "p = " + p);
    }
  }

  /// Slopes of both signs and none, thresholds on and between integers.
  @Test
  void equalsTheFloatForm() {
    double[] k = {1, -1, .5, -.5, .25, -.25, 0, 0, 0, 3, -3, 1e-9, -1e-9};
    double[] b = {0, 0, 1, 1, -.75, -.75, 1, -1, 0, -3.1, 3.1, -1, -1};
    SignThresholds thresholds = SignThresholds.of(k, b);
    assertEquals(k.length, thresholds.channels());
    for (int c = 0; c < k.length; c++) {
      for (int dot = -9; dot <= 9; dot++) {
        assertEquals(k[c] * dot + b[c] < 0, thresholds.negative(c, dot), c + ": " + dot);
      }
    }
    try (TensorScope _ = TensorScope.open()) {
      float[] dots = new float[19 * k.length];
      for (int i = 0; i < dots.length; i++) {
        dots[i] = i / k.length - 9;
      }
      Tensor signs =
          thresholds.pack(Tensor.of(dots, 19, k.length)).unpackSigns(k.length, DType.F32);
      float[] got = signs.toFloats();
      for (int i = 0; i < got.length; i++) {
        int c = i % k.length;
        assertEquals(k[c] * dots[i] + b[c] < 0 ? -1f : 1f, got[i], c + ": " + dots[i]);
      }
    }
  }

  /// A packed convolution, batch norm and the next sign: the same bits with and without fusion.
  @Test
  void fusesBatchNorm() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = normal(1, 2, 7, 6, 40);
      Tensor w = normal(2, 33, 3, 3, 40);
      double[] gamma = normal(3, 33).toDoubles();
      double[] beta = normal(4, 33).toDoubles();
      double[] mean = Arrays.stream(normal(5, 33).toDoubles()).map(v -> 5 * v).toArray();
      double[] variance = Arrays.stream(normal(6, 33).toDoubles()).map(v -> 1 + v * v).toArray();
      double[] alpha = w.abs().mean(java.util.List.of(1, 2, 3), false).toDoubles();
      double[] shift = normal(7, 33).toDoubles();
      float[] ones = new float[33];
      Arrays.fill(ones, 1);
      Tensor dot =
          x.packSigns()
              .xnorConv2d(
                  w.packSigns(), Tensor.of(ones), Conv2dGeometry.of(1, 1), 40, Outside.ZERO);
      Tensor fused =
          SignThresholds.ofBatchNorm(gamma, beta, mean, variance, 1e-5, alpha, shift).pack(dot);
      Tensor plain =
          dot.cast(DType.F64)
              .mul(Tensor.of(alpha))
              .batchNormInference(
                  Tensor.of(gamma), Tensor.of(beta), Tensor.of(mean), Tensor.of(variance), 1e-5)
              .add(Tensor.of(shift));
      assertArrayEquals(plain.packSigns().toInts(), fused.toInts());
    }
  }

  private static Tensor normal(long seed, long... dims) {
    return Tensors.normal(
        new TensorSpec(DType.F32, Shape.of(dims)), 0, 1, Tensors.key(seed, 0, Device.CPU));
  }

  @Test
  void wrongArgumentsSaySo() {
    assertEquals(
        "[sign_thresholds] k and b must have one length; got 1 and 2",
        assertThrows(
                IllegalArgumentException.class,
                () -> SignThresholds.of(new double[1], new double[2]))
            .getMessage());
    assertEquals(
        "[sign_thresholds] k and b must be finite; got NaN and 0.0 in channel 1",
        assertThrows(
                IllegalArgumentException.class,
                () -> SignThresholds.of(new double[] {1, Double.NaN}, new double[2]))
            .getMessage());
  }
}
