package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.Device;
import org.junit.jupiter.api.Test;

class UmapTest extends EvalTest {
  /// The known answers come from an optimiser that stops at about six digits.
  @Test
  void curveKnownAnswers() {
    assertClose(1e-6, new double[] {1.576943, .895061}, both(.1));
    assertClose(1e-6, new double[] {.583030, 1.334167}, both(.5));
    assertClose(2e-6, new double[] {1.932808, .790495}, both(0));
  }

  private static double[] both(double minDist) {
    Umap.Curve curve = Umap.Curve.fit(minDist);
    return new double[] {curve.a(), curve.b()};
  }

  @Test
  void membershipKnownAnswer() {
    double[] distances = {.5, 1, 1.5, 3, 4};
    assertEquals(1.594764, Umap.scale(distances, .5, 6), 1e-6);
    assertClose(
        1e-6, new double[] {1, .730865, .534164, .208539, .111394}, Umap.membership(distances, 6));
  }

  @Test
  void mapKeepsNeighbours() {
    FeatureBank bank = clusters(240, 12, 5, .4, 5);
    Umap.Config config = new Umap.Config(15, .1, 200, 5, 0);
    Umap map = Umap.fit(bank, config, Device.CPU);
    FeatureBank plane = bank(map.points(), bank.labels());
    assertTrue(
        KnnClassifier.majority(5).leaveOneOut(plane, Device.CPU).getFirst().accuracy() > .97);
    assertArrayEquals(map.points(), Umap.fit(bank, config, Device.CPU).points());
    assertThrows(
        IllegalArgumentException.class,
        () -> Umap.fit(bank, new Umap.Config(240, .1, 1, 5, 0), Device.CPU));
  }

  @Test
  void equalRowsGiveFinitePoints() {
    for (double[] point :
        Umap.fit(rows(new double[20][3]), new Umap.Config(5, .1, 30, 5, 0), Device.CPU).points()) {
      assertTrue(Double.isFinite(point[0]) && Double.isFinite(point[1]));
    }
  }
}
