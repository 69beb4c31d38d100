package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.spec.LiveBytes;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Composite;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Redundancy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Losses on batch statistics by hand, at their limits and on wrong input.
@ExtendWith(LiveBytes.class)
class RedundancyTest {
  private static Tensor normal(long seed, long... dims) {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(dims));
    return Tensors.normal(spec, 0, 1, Tensors.key(seed, 0, Device.CPU));
  }

  /// Signs are standardised already. View 1 has columns (+,-,+,-) and (+,+,-,-), view 2 (+,-,+,-)
  /// and (-,+,-,+): C = [[1, -1], [0, 0]], so 0 + lambda and 1.
  @Test
  void barlowTwinsByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z1 = Tensor.of(new float[] {1, 1, -1, 1, 1, -1, -1, -1}, 4, 2);
      Tensor z2 = Tensor.of(new float[] {1, -1, -1, 1, 1, -1, -1, 1}, 4, 2);
      double[] rows = z1.barlowTwins(z2, 0.25, 1e-12).toDoubles();
      assertArrayEquals(new double[] {0.25, 1}, rows, 1e-6);
      // Scale and shift of a dimension do not matter.
      double[] moved = z1.mul(7).add(3).barlowTwins(z2.mul(0.1), 0.25, 1e-12).toDoubles();
      assertArrayEquals(rows, moved, 1e-5);
    }
  }

  /// All rows equal: C = 0, every dimension costs 1.
  @Test
  void collapseOfBarlowTwinsCostsOnePerDimension() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z = Tensors.full(new TensorSpec(DType.F32, Shape.of(6, 3)), 0.5, Device.CPU);
      assertArrayEquals(new double[] {1, 1, 1}, z.barlowTwins(z, 0.005, 1e-5).toDoubles());
    }
  }

  /// Columns (0, 2) and (1, 1): deviations sqrt 2 and 0.
  @Test
  void vicregVarianceByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z = Tensor.of(new float[] {0, 1, 2, 1}, 2, 2);
      double[] loss = z.vicregVariance(2, 1e-4).toDoubles();
      assertArrayEquals(new double[] {2 - Math.sqrt(2.0001), 2 - 0.01}, loss, 1e-6);
      assertArrayEquals(new double[] {0, 0.99}, z.vicregVariance(1, 1e-4).toDoubles(), 1e-6);
    }
  }

  /// Centred columns (-1, 0, 1), (1, -2, 1) and (-1, 1, 0): covariances 0, 1/2 and -3/2.
  @Test
  void vicregCovarianceByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z = Tensor.of(new float[] {4, 1, 9, 5, -2, 11, 6, 1, 10}, 3, 3);
      double[] want = {0.25, 2.25, 0.25 + 2.25};
      assertArrayEquals(want, z.vicregCovariance().toDoubles(), 1e-6);
      // One dimension has no other.
      assertArrayEquals(new double[] {0}, normal(1, 5, 1).vicregCovariance().toDoubles());
    }
  }

  /// A dimension twice: its covariance with itself is its variance.
  @Test
  void copiesAreRedundant() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z = normal(3, 200, 1);
      double[] loss = LayoutOps.concat(1, List.of(z, z)).vicregCovariance().toDoubles();
      Tensor centred = z.sub(z.mean());
      double variance = centred.square().sum().item() / 199;
      assertArrayEquals(new double[] {variance * variance, variance * variance}, loss, 1e-5);
    }
  }

  /// Batches of few rows and of many go different ways, the largest in several strips. The gradient
  /// of a mean has equal weights, others have not.
  @ParameterizedTest
  @CsvSource({"2,4", "2,3", "3,33", "20,41", "21,41", "5,64", "70,65", "130,300", "600,1100"})
  void eitherWayAgreesWithTheComposition(int rows, int width) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z1 = normal(1, rows, width).add(normal(2, width));
      Tensor z2 = z1.mul(0.5).add(normal(3, rows, width));
      Tensor uneven = normal(4, width);
      Tensor even = Tensors.full(uneven.spec(), 0.01, Device.CPU);
      assertComposes(new Redundancy.BarlowTwins(0.005, 1e-5), z1, z2);
      assertComposes(new Redundancy.VicregCovariance(), z1);
      for (Tensor dloss : List.of(uneven, even)) {
        assertComposes(new Redundancy.BarlowTwinsBackward(0.3, 1e-2), z1, z2, dloss);
        assertComposes(new Redundancy.VicregCovarianceBackward(), z1, dloss);
      }
    }
  }

  private static <T extends Op & Composite> void assertComposes(T op, Tensor... in) {
    List<Tensor> want = op.compose(List.of(in));
    List<Tensor> got = Interpreter.current().apply(op, List.of(in));
    for (int i = 0; i < want.size(); i++) {
      double largest = want.get(i).abs().max().item();
      double[] expected = want.get(i).toDoubles();
      assertArrayEquals(expected, got.get(i).toDoubles(), 3e-5 * largest, op.toString());
    }
  }

  /// With few rows, too, a dimension that is not a number stays alone where no other sees it.
  @Test
  void nanOfANarrowBatch() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor fine = normal(1, 3, 40);
      float[] values = normal(2, 3, 40).toFloats();
      values[40 + 7] = Float.NaN;
      Tensor z = Tensor.of(values, 3, 40);
      for (double loss : z.vicregCovariance().toDoubles()) {
        assertTrue(Double.isNaN(loss));
      }
      for (double loss : fine.barlowTwins(z, 0.1, 1e-5).toDoubles()) {
        assertTrue(Double.isNaN(loss));
      }
      double[] rows = z.barlowTwins(fine, 0.1, 1e-5).toDoubles();
      for (int i = 0; i < rows.length; i++) {
        assertEquals(i == 7, Double.isNaN(rows[i]));
      }
    }
  }

  /// A dimension alone among constants leaves no negative rest.
  @Test
  void nothingBesideADimensionCostsNothing() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor only = Tensors.iota(40, DType.I32, Device.CPU).less(Tensor.of(new int[] {1}, 1));
      Tensor z = normal(5, 4, 40).mul(only.cast(DType.F32)).mul(1000);
      for (double loss : z.vicregCovariance().toDoubles()) {
        assertTrue(loss >= 0 && loss < 1e-6 * 1e12, () -> "loss " + loss);
      }
    }
  }

  @Test
  void nanStaysInItsDimensionOrReachesAll() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z = Tensor.of(new float[] {1, 2, Float.NaN, 1, 0, 3}, 3, 2);
      double[] variance = z.vicregVariance(5, 1e-4).toDoubles();
      assertTrue(Double.isNaN(variance[0]) && !Double.isNaN(variance[1]));
      for (double loss : z.vicregCovariance().toDoubles()) {
        assertTrue(Double.isNaN(loss));
      }
      double[] barlow = normal(1, 3, 2).barlowTwins(z, 0.1, 1e-5).toDoubles();
      assertTrue(Double.isNaN(barlow[0]) && Double.isNaN(barlow[1]));
    }
  }

  @Test
  void wrongInputIsNamed() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = normal(1, 2, 3);
      assertRefused(
          "[barlow_twins] embeddings must have one shape [B, D]; got z1: f32[2,3], z2: f32[3,3]",
          () -> a.barlowTwins(normal(2, 3, 3), 0.1, 1e-5));
      assertRefused(
          "[barlow_twins] embeddings must not be empty; got z1: f32[0,3], z2: f32[0,3]",
          () -> normal(1, 0, 3).barlowTwins(normal(1, 0, 3), 0.1, 1e-5));
      assertRefused(
          "[barlow_twins] lambda must be a number of at least 0; got -1.0",
          () -> a.barlowTwins(a, -1, 1e-5));
      assertRefused("[barlow_twins] eps must be positive; got 0.0", () -> a.barlowTwins(a, 0.1, 0));
      assertRefused(
          "[vicreg_variance] z needs at least two rows: the variance divides by B - 1; got z:"
              + " f32[1,3]",
          () -> a.narrow(0, 0, 1).vicregVariance(1, 1e-4));
      assertRefused(
          "[vicreg_variance] eps must be positive; got -1.0", () -> a.vicregVariance(1, -1));
      assertRefused(
          "[vicreg_covariance] z must have 2 axes; got z: f32[6]",
          () -> a.reshape(6).vicregCovariance());
    }
  }

  private static void assertRefused(String message, Runnable call) {
    IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, call::run);
    assertEquals(message, thrown.getMessage());
  }
}
