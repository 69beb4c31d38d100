package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.Device;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RepresentationHealthTest extends EvalTest {
  private static final double[][] Z = {
    {1, 2, 0, 1}, {2, 1, 0, -1}, {0, 1, 1, 1}, {-1, 0, 2, 1}, {1, 1, 1, 1}, {0, -1, 1, 2}
  };

  @Test
  void knownAnswer() {
    RepresentationHealth health = RepresentationHealth.of(rows(Z), 100, Device.CPU);
    assertEquals(.406344, health.std(), 1e-6);
    assertEquals(3.614246, health.rankMe(), 1e-6);
    assertEquals(3.614245, health.effectiveRank(), 1e-6);
    assertEquals(2.345067, health.covarianceRank(), 1e-6);
    assertEquals(1.844185, health.participationRatio(), 1e-6);
    assertEquals(2.149822, health.stableRank(), 1e-6);
    assertEquals(-1.773641, health.uniformity(), 1e-6);
    assertEquals(.5, health.isotropicStd());
    assertFalse(health.collapsed());
    FeatureBank all = rows(Z);
    assertEquals(
        1.413565,
        Hypersphere.alignment(all.select(new int[] {0, 1, 2}), all.select(new int[] {3, 4, 5})),
        1e-6);
  }

  @Test
  void knownSpectra() {
    double[] squares = Columns.of(rows(Z)).squaredSingularValues();
    Arrays.setAll(squares, i -> Math.sqrt(squares[i]));
    assertClose(1e-6, new double[] {3.797341, 3.538348, 1.492676, 1.353593}, squares);
    double[] covariance = Columns.of(rows(Z)).centred().squaredSingularValues();
    Arrays.setAll(covariance, i -> covariance[i] / 5);
    assertClose(1e-6, new double[] {2.625727, .582676, .430925, .060671}, covariance);
    assertEquals(1.091056, Spectrum.powerLawExponent(new double[] {4, 2, 1.2, .9, .7}, 1, 5), 1e-6);
  }

  @Test
  void knownRedundancyAndCka() {
    Redundancy redundancy = Redundancy.of(rows(Z));
    assertEquals(.612433, redundancy.meanCorrelation(), 1e-6);
    assertEquals(.955, redundancy.covarianceTerm(), 1e-6);
    assertEquals(.065979, redundancy.varianceHinge(), 1e-6);
    assertEquals(.654575, Cka.linear(columns(0, 2), columns(2, 4)), 1e-6);
  }

  private static FeatureBank columns(int from, int to) {
    return rows(
        Arrays.stream(Z).map(row -> Arrays.copyOfRange(row, from, to)).toArray(double[][]::new));
  }

  @Test
  void constantFeatures() {
    double[][] same = new double[40][];
    Arrays.fill(same, new double[] {.3, -.7, .1});
    RepresentationHealth health = RepresentationHealth.of(rows(same), 100, Device.CPU);
    assertEquals(0, health.std());
    assertEquals(1, health.rankMe(), 1e-4);
    assertEquals(0, health.covarianceRank());
    assertEquals(1, health.meanCosine(), 1e-6);
    assertEquals(0, health.uniformity(), 1e-6);
    assertTrue(health.collapsed());
    assertEquals(0, RepresentationHealth.of(rows(new double[5][3]), 9, Device.CPU).rankMe());
  }

  @Test
  void isotropicFeatures() {
    FeatureBank wide = clusters(1000, 16, 1, 1e6, 3);
    RepresentationHealth health = RepresentationHealth.of(wide, 1000, Device.CPU);
    assertEquals(.25, health.std(), .005);
    assertEquals(16, health.rankMe(), .1);
    assertEquals(0, health.meanCosine(), .005);
    assertEquals(600, RepresentationHealth.of(wide, 600, Device.CPU).samples());
    assertEquals(
        RepresentationHealth.of(wide, 600, Device.CPU),
        RepresentationHealth.of(wide, 600, Device.CPU));
  }

  /// Two of sixteen directions carry everything.
  @Test
  void dimensionalCollapse() {
    FeatureBank plane = clusters(300, 2, 1, 1e3, 4);
    double[][] lifted = new double[300][16];
    for (int i = 0; i < 300; i++) {
      for (int j = 0; j < 16; j++) {
        lifted[i][j] = Math.cos(j) * plane.at(i, 0) + Math.sin(3 * j) * plane.at(i, 1);
      }
    }
    RepresentationHealth health = RepresentationHealth.of(rows(lifted), 300, Device.CPU);
    assertTrue(health.rankMe() < 2.01, () -> "" + health);
    assertFalse(health.collapsed());
  }

  /// Fewer rows than features: the smaller product has the same spectrum.
  @Test
  void wideAndTallAgree() {
    FeatureBank wide = clusters(7, 12, 2, 1, 5);
    double[] smaller = Columns.of(wide).squaredSingularValues();
    double[] larger = SymmetricEigen.values(Columns.of(wide).gram());
    assertEquals(7, smaller.length);
    assertClose(1e-9, Arrays.copyOf(larger, 7), smaller);
  }

  /// The mean over all pairs, one by one.
  @Test
  void meanCosineMatchesPairs() {
    FeatureBank unit = rows(Z).l2Normalized();
    double sum = 0;
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 6; j++) {
        for (int c = 0; i != j && c < 4; c++) {
          sum += (double) unit.at(i, c) * unit.at(j, c);
        }
      }
    }
    assertEquals(sum / 30, RepresentationHealth.meanCosine(rows(Z)), 1e-12);
  }

  @Test
  void ckaIgnoresRotationAndScale() {
    FeatureBank a = clusters(50, 2, 3, 1, 6);
    double[][] turned = new double[50][2];
    for (int i = 0; i < 50; i++) {
      turned[i][0] = 5 * (.6 * a.at(i, 0) - .8 * a.at(i, 1)) + 3;
      turned[i][1] = 5 * (.8 * a.at(i, 0) + .6 * a.at(i, 1)) - 2;
    }
    assertEquals(1, Cka.linear(a, rows(turned)), 1e-6);
    assertTrue(Cka.linear(a, clusters(50, 2, 3, 1, 7)) < .5);
  }
}
