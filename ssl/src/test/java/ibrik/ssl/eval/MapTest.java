package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.Device;
import java.util.List;
import org.junit.jupiter.api.Test;

class MapTest extends EvalTest {
  private static final FeatureBank Z =
      rows(
          new double[][] {
            {1, 2, 0, 1}, {2, 1, 0, -1}, {0, 1, 1, 1}, {-1, 0, 2, 1}, {1, 1, 1, 1}, {0, -1, 1, 2}
          });

  @Test
  void pcaKnownAnswer() {
    Pca pca = Pca.fit(Z, 2);
    assertClose(1e-6, new double[] {2.625727, .582676}, pca.variances());
    assertEquals(.709656, pca.ratio(0), 1e-6);
    assertEquals(.157480, pca.ratio(1), 1e-6);
    assertClose(1e-6, new double[] {.5, .666667, .833333, .833333}, pca.mean());
    assertClose(1e-6, new double[] {.600448, .495653, -.402235, -.481661}, pca.components()[0]);
  }

  /// Coordinates are centred, uncorrelated and have the variances; wide and tall agree.
  @Test
  void pcaCoordinates() {
    FeatureBank wide = clusters(9, 30, 2, 1, 2);
    Pca pca = Pca.fit(wide, 3);
    double[][] y = pca.transform(wide);
    for (int a = 0; a < 3; a++) {
      for (int b = 0; b <= a; b++) {
        double mean = 0;
        double product = 0;
        for (double[] row : y) {
          mean += row[a];
          product += row[a] * row[b] / 8;
        }
        assertEquals(0, mean, 1e-9);
        assertEquals(a == b ? pca.variances()[a] : 0, product, 1e-9);
      }
    }
    SymmetricEigen all = SymmetricEigen.of(Columns.of(wide).centred().gram());
    for (int i = 0; i < 3; i++) {
      assertEquals(all.values()[i] / 8, pca.variances()[i], 1e-9);
      assertEquals(1, Math.abs(Lbfgs.dot(all.vectors()[i], pca.components()[i])), 1e-9);
    }
    assertThrows(IllegalArgumentException.class, () -> Pca.fit(wide, 10));
  }

  @Test
  void perplexityKnownAnswers() {
    double[] square = {1, 2, 4, 5, 9};
    double two = Tsne.precision(square, 2);
    assertEquals(1.143588, two, 1e-6);
    assertClose(
        1e-6,
        new double[] {.734508, .234068, .023770, .007575, .000078},
        Tsne.conditional(square, two));
    double three = Tsne.precision(square, 3);
    assertEquals(.582972, three, 1e-6);
    assertClose(
        1e-6,
        new double[] {.543850, .303597, .094610, .052815, .005129},
        Tsne.conditional(square, three));
    // All equally far: no beta reaches the perplexity; the answer stays finite.
    assertTrue(Double.isFinite(Tsne.precision(new double[] {1, 1, 1, 1}, 2)));
    assertTrue(Double.isFinite(Tsne.precision(new double[4], 2)));
  }

  @Test
  void gradientKnownAnswer() {
    double[][] p = {{0, .2, .1}, {.2, 0, .2}, {.1, .2, 0}};
    double[][] y = {{0, 1, 0}, {0, 0, 2}};
    assertEquals(.117829, Tsne.divergence(p, y), 1e-6);
    double[][] g = Tsne.gradient(p, 1, y);
    assertClose(1e-6, new double[] {.176923, -.107692, -.069231}, g[0]);
    assertClose(1e-6, new double[] {.024615, -.138462, .113846}, g[1]);
  }

  @Test
  void gradientIsThatOfTheDivergence() {
    double[][] p = Tsne.affinities(clusters(12, 4, 3, 1, 3), 4);
    double[][] y = new double[2][12];
    for (int i = 0; i < 24; i++) {
      y[i % 2][i / 2] = Math.sin(3.7 * i);
    }
    double[][] g = Tsne.gradient(p, 1, y);
    for (int i = 0; i < 12; i++) {
      double keep = y[1][i];
      y[1][i] = keep + 1e-5;
      double up = Tsne.divergence(p, y);
      y[1][i] = keep - 1e-5;
      double down = Tsne.divergence(p, y);
      y[1][i] = keep;
      assertEquals((up - down) / 2e-5, g[1][i], 1e-8);
    }
  }

  @Test
  void affinitiesAreAProbability() {
    double[][] p = Tsne.affinities(clusters(40, 4, 3, 1, 4), 10);
    double sum = 0;
    for (int i = 0; i < 40; i++) {
      for (int j = 0; j < 40; j++) {
        assertEquals(p[i][j], p[j][i]);
        sum += p[i][j];
      }
      assertEquals(0, p[i][i]);
    }
    assertEquals(1, sum, 1e-12);
  }

  /// Neighbours on the map are of one class where they are in the features.
  @Test
  void mapKeepsNeighbours() {
    FeatureBank bank = clusters(240, 12, 5, 0.4, 5);
    Tsne.Config config = new Tsne.Config(20, 12, 100, 350, Tsne.Start.PCA, 0);
    Tsne map = Tsne.fit(bank, config);
    FeatureBank plane = bank(map.points(), bank.labels());
    assertTrue(
        KnnClassifier.majority(5).leaveOneOut(plane, Device.CPU).getFirst().accuracy() > .97);
    assertTrue(map.divergence() < 1.2, () -> "" + map.divergence());
    Tsne again = Tsne.fit(bank, config);
    assertArrayEquals(map.points(), again.points());
    for (Tsne.Start start : List.of(Tsne.Start.RANDOM)) {
      Tsne a = Tsne.fit(bank, new Tsne.Config(20, 12, 20, 40, start, 1));
      Tsne b = Tsne.fit(bank, new Tsne.Config(20, 12, 20, 40, start, 2));
      assertTrue(a.points()[0][0] != b.points()[0][0]);
    }
  }

  @Test
  void degenerateMaps() {
    Tsne flat = Tsne.fit(rows(new double[5][2]), Tsne.Config.usual(5));
    for (double[] point : flat.points()) {
      assertTrue(Double.isFinite(point[0]) && Double.isFinite(point[1]));
    }
    Tsne line = Tsne.fit(rows(new double[][] {{0}, {1}, {2}, {7}}), Tsne.Config.usual(4));
    assertTrue(Double.isFinite(line.divergence()));
    assertThrows(
        IllegalArgumentException.class,
        () -> Tsne.fit(rows(new double[2][2]), Tsne.Config.usual(2)));
    assertThrows(
        IllegalArgumentException.class,
        () -> Tsne.fit(Z, new Tsne.Config(6, 12, 1, 1, Tsne.Start.PCA, 0)));
  }
}
