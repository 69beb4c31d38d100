package ibrik.ssl.method.simclr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.GradCheck;
import ibrik.autograd.Tape;
import ibrik.ssl.method.MethodTest;
import ibrik.tensor.DType;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NtXentTest extends MethodTest {
  /// Two images on the axes, views equal: each row has one cosine of 1 and two of 0.
  @Test
  void byHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z = Tensor.of(new double[] {2, 0, 0, 3}, 2, 2);
      double t = 0.5;
      assertEquals(-1 / t + Math.log(Math.exp(1 / t) + 2), NtXent.of(z, z, t).item(), 1e-12);
    }
  }

  /// One image: nothing to tell it from.
  @Test
  void oneImageIsEasy() {
    try (TensorScope _ = TensorScope.open()) {
      assertEquals(0, NtXent.of(normal64(0, 1, 3), normal64(1, 1, 3), 0.1).item(), 1e-12);
    }
  }

  /// Eq. 1, row by row.
  private static double slow(double[][] z1, double[][] z2, double temperature) {
    int batch = z1.length;
    double total = 0;
    for (int i = 0; i < 2 * batch; i++) {
      double sum = 0;
      for (int k = 0; k < 2 * batch; k++) {
        sum += k == i ? 0 : Math.exp(cosine(row(z1, z2, i), row(z1, z2, k)) / temperature);
      }
      int partner = i < batch ? i + batch : i - batch;
      total += Math.log(sum) - cosine(row(z1, z2, i), row(z1, z2, partner)) / temperature;
    }
    return total / (2 * batch);
  }

  private static double[] row(double[][] z1, double[][] z2, int i) {
    return i < z1.length ? z1[i] : z2[i - z1.length];
  }

  private static double cosine(double[] a, double[] b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      dot += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return dot / Math.sqrt(aa * bb);
  }

  private static double[][] rows(Tensor x) {
    double[] all = x.toDoubles();
    int width = (int) x.dim(1);
    double[][] rows = new double[(int) x.dim(0)][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = java.util.Arrays.copyOfRange(all, i * width, (i + 1) * width);
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.1, 0.5, 1, 20})
  void eachRowByTheEquation(double temperature) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z1 = normal64(0, 5, 3);
      Tensor z2 = normal64(1, 5, 3);
      double want = slow(rows(z1), rows(z2), temperature);
      assertEquals(want, NtXent.of(z1, z2, temperature).item(), 1e-9);
      Tensor single = NtXent.of(z1.cast(DType.F32), z2.cast(DType.F32), temperature);
      assertEquals(want, single.item(), 1e-5 / temperature);
    }
  }

  @Test
  void gradientCheck() {
    try (TensorScope _ = TensorScope.open()) {
      for (long seed : new long[] {1, 2}) {
        GradCheck.of(z -> NtXent.of(z.get(0), z.get(1), 0.5))
            .firstOrder(List.of(normal64(0, 4, 3), normal64(1, 4, 3)), seed)
            .orThrow();
        GradCheck.of(z -> NtXent.of(z.get(0), z.get(1), 0.5))
            .secondOrder(List.of(normal64(0, 4, 3), normal64(1, 4, 3)), seed)
            .orThrow();
      }
    }
  }

  /// Two images on the axes, views equal, t = 1: each row gives `1 / (e + 2)` to either view of the
  /// other image, so these push with `2 / 4 (e + 2)` in its own loss and as much in theirs. The
  /// rest lies along the row itself, where normalisation takes it away.
  @Test
  void gradientByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z1 = Tensor.of(new double[] {1, 0, 0, 1}, 2, 2);
      Tensor z2 = Tensor.of(new double[] {1, 0, 0, 1}, 2, 2);
      try (Tape.Run run = Tape.record(() -> NtXent.of(z1, z2, 1))) {
        double push = 2 * 2 / (4 * (Math.E + 2));
        for (Tensor g : run.gradients(List.of(z1, z2))) {
          assertArrayEquals(new double[] {0, push, push, 0}, g.toDoubles(), 1e-12);
        }
      }
    }
  }

  @Test
  void viewsScaleAndOrderDoNotMatter() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z1 = normal64(0, 4, 3);
      Tensor z2 = normal64(1, 4, 3);
      double loss = NtXent.of(z1, z2, 0.2).item();
      assertEquals(loss, NtXent.of(z2, z1, 0.2).item(), 1e-12);
      assertEquals(loss, NtXent.of(z1.mul(7), z2.mul(1e-3), 0.2).item(), 1e-12);
      assertEquals(loss, NtXent.of(turned(z1), turned(z2), 0.2).item(), 1e-12);
      assertTrue(Math.abs(loss - NtXent.of(z1, turned(z2), 0.2).item()) > 1e-3);
    }
  }

  private static Tensor turned(Tensor x) {
    return LayoutOps.concat(0, List.of(x.narrow(0, 1, x.dim(0) - 1), x.narrow(0, 0, 1)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-3, 0.1, 0.5, 100})
  void collapseIsTheLogarithm(double temperature) {
    try (TensorScope _ = TensorScope.open()) {
      double[] row = {0.5, -1, 2};
      double[] same = new double[24];
      java.util.Arrays.setAll(same, i -> row[i % 3]);
      Tensor z = Tensor.of(same, 8, 3).cast(DType.F32);
      assertEquals(Math.log(15), NtXent.of(z, z, temperature).item(), 1e-4);
    }
  }

  /// Orthogonal images with equal views: at a low temperature nothing is lost, at a high one
  /// everything looks the same. No row ever finds itself.
  @Test
  void temperatureLimits() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor axes = Tensor.of(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, 3, 3);
      for (double t : new double[] {1e-2, 1e-6, 1e-12}) {
        assertEquals(0, NtXent.of(axes, axes, t).item(), 1e-6);
      }
      for (double t : new double[] {1e6, 1e12}) {
        assertEquals(Math.log(5), NtXent.of(axes, axes, t).item(), 1e-5);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, Double.NaN, Double.POSITIVE_INFINITY})
  void temperatureMustBePositive(double temperature) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z = normal64(0, 2, 3);
      IllegalArgumentException thrown =
          assertThrows(IllegalArgumentException.class, () -> NtXent.of(z, z, temperature));
      assertEquals(
          "[nt_xent] temperature must be a number above 0; got " + temperature,
          thrown.getMessage());
      IllegalArgumentException config =
          assertThrows(IllegalArgumentException.class, () -> new SimClrConfig(8, 4, temperature));
      assertEquals(
          "[config] temperature must be a number above 0; got " + temperature, config.getMessage());
    }
  }

  @Test
  void shapesMustBeOne() {
    try (TensorScope _ = TensorScope.open()) {
      IllegalArgumentException thrown =
          assertThrows(
              IllegalArgumentException.class,
              () -> NtXent.of(normal64(0, 2, 3), normal64(1, 3, 3), 1));
      assertEquals(
          "[nt_xent] embeddings must have one shape [B, D]; got z1: f64[2,3], z2: f64[3,3]",
          thrown.getMessage());
    }
  }
}
