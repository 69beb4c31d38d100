package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.eval.ClusterScores.Average;
import ibrik.tensor.Device;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.random.PhiloxStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ClusteringTest extends EvalTest {
  @Test
  void scoresKnownAnswer() {
    ClusterScores scores =
        ClusterScores.of(
            new int[] {0, 0, 0, 1, 1, 1, 2, 2, 2}, new int[] {1, 1, 0, 0, 0, 0, 2, 2, 1});
    assertEquals(.636514, scores.mutualInformation(), 1e-6);
    assertEquals(.589510, scores.nmi(), 1e-6);
    assertEquals(.589600, scores.nmi(Average.GEOMETRIC), 1e-6);
    assertEquals(.600000, scores.nmi(Average.MIN), 1e-6);
    assertEquals(.579380, scores.nmi(Average.MAX), 1e-6);
    assertEquals(.357143, scores.ari(), 1e-6);
    assertEquals(7.0 / 9, scores.accuracy(), 1e-12);
    assertEquals(7.0 / 9, scores.purity(), 1e-12);
  }

  @Test
  void degenerateScores() {
    int[] one = {0, 0, 0, 0};
    int[] two = {0, 0, 1, 1};
    assertEquals(1, ClusterScores.of(one, one).nmi());
    assertEquals(1, ClusterScores.of(one, one).ari());
    assertEquals(0, ClusterScores.of(two, one).nmi());
    assertEquals(0, ClusterScores.of(two, one).ari());
    assertEquals(-.5, ClusterScores.of(two, new int[] {0, 1, 0, 1}).ari(), 1e-12);
    assertEquals(1, ClusterScores.of(two, new int[] {1, 1, 0, 0}).accuracy());
    assertEquals(1, ClusterScores.of(new int[] {0}, new int[] {0}).ari());
  }

  @Test
  void namesAndOrderDoNotMatter() {
    PhiloxStream random = new PhiloxStream(3, 0);
    int[] classes = new int[80];
    int[] clusters = new int[80];
    for (int i = 0; i < 80; i++) {
      classes[i] = random.nextInt(4);
      clusters[i] = random.nextInt(3) == 0 ? random.nextInt(6) : classes[i];
    }
    ClusterScores plain = ClusterScores.of(classes, clusters);
    int[] names = random.permutation(6);
    int[] order = random.permutation(80);
    int[] otherClasses = Arrays.stream(order).map(i -> 3 - classes[i]).toArray();
    int[] otherClusters = Arrays.stream(order).map(i -> names[clusters[i]]).toArray();
    ClusterScores other = ClusterScores.of(otherClasses, otherClusters);
    assertEquals(plain.nmi(), other.nmi(), 1e-12);
    assertEquals(plain.ari(), other.ari(), 1e-12);
    assertEquals(plain.accuracy(), other.accuracy());
    assertEquals(plain.purity(), other.purity());
    assertTrue(plain.purity() >= plain.accuracy());
  }

  /// Against all permutations, with more rows than columns and the other way round.
  @Test
  void assignmentIsBest() {
    PhiloxStream random = new PhiloxStream(5, 0);
    for (int trial = 0; trial < 60; trial++) {
      int rows = 1 + random.nextInt(6);
      int columns = 1 + random.nextInt(6);
      long[][] value = new long[rows][columns];
      for (long[] row : value) {
        Arrays.setAll(row, _ -> random.nextInt(20) - 5);
      }
      int[] found = Assignment.maximize(value);
      long sum = 0;
      boolean[] used = new boolean[columns];
      int assigned = 0;
      for (int i = 0; i < rows; i++) {
        if (found[i] >= 0) {
          assertTrue(!used[found[i]]);
          used[found[i]] = true;
          sum += value[i][found[i]];
          assigned++;
        }
      }
      assertEquals(Math.min(rows, columns), assigned);
      assertEquals(best(value, 0, new boolean[columns], rows - Math.min(rows, columns)), sum);
    }
  }

  private static long best(long[][] value, int row, boolean[] used, int skips) {
    if (row == value.length) {
      return 0;
    }
    long best = skips > 0 ? best(value, row + 1, used, skips - 1) : Long.MIN_VALUE / 2;
    for (int j = 0; j < used.length; j++) {
      if (!used[j]) {
        used[j] = true;
        best = Math.max(best, value[row][j] + best(value, row + 1, used, skips));
        used[j] = false;
      }
    }
    return best;
  }

  @Test
  void kMeansFindsClusters() {
    FeatureBank bank = clusters(500, 10, 6, 0.3, 2);
    KMeans found = KMeans.fit(bank, 6, KMeans.RESTARTS, 0, Device.CPU);
    ClusterScores scores = ClusterScores.of(bank.labels(), found.clusters());
    assertEquals(1, scores.accuracy());
    assertEquals(1, scores.nmi(), 1e-12);
    // Each centre is the mean of its items, and no single move lowers the inertia.
    double[] mean = new double[10];
    int count = 0;
    for (int i = 0; i < 500; i++) {
      if (found.clusters()[i] == 2) {
        count++;
        for (int j = 0; j < 10; j++) {
          mean[j] += bank.at(i, j);
        }
      }
    }
    for (int j = 0; j < 10; j++) {
      assertEquals(mean[j] / count, found.centres()[20 + j], 1e-9);
    }
  }

  /// Two groups on a line: the inertia by hand.
  @Test
  void kMeansInertiaByHand() {
    FeatureBank line = rows(new double[][] {{0}, {1}, {2}, {10}, {12}});
    KMeans found = KMeans.fit(line, 2, 4, 1, Device.CPU);
    assertEquals(2 + 2, found.inertia(), 1e-12);
    assertEquals(5, KMeans.fit(line, 5, 1, 0, Device.CPU).centres().length);
    assertEquals(0, KMeans.fit(line, 5, 1, 0, Device.CPU).inertia(), 1e-12);
    double whole = KMeans.fit(line, 1, 1, 0, Device.CPU).inertia();
    assertEquals(25 + 16 + 9 + 25 + 49, whole, 1e-9);
  }

  @Test
  void kMeansFillsEveryCluster() {
    double[][] same = new double[6][2];
    same[5] = new double[] {3, 3};
    KMeans found = KMeans.fit(rows(same), 4, 2, 0, Device.CPU);
    assertEquals(4, Arrays.stream(found.clusters()).distinct().count());
  }

  @Test
  void kMeansIsDeterministic() {
    FeatureBank bank = clusters(400, 20, 6, 2, 9);
    try {
      Backends.threads(1);
      KMeans one = KMeans.fit(bank, 5, 3, 4, Device.CPU);
      Backends.threads(3);
      KMeans three = KMeans.fit(bank, 5, 3, 4, Device.CPU);
      assertArrayEquals(one.clusters(), three.clusters());
      assertArrayEquals(one.centres(), three.centres());
    } finally {
      Backends.threads(Runtime.getRuntime().availableProcessors());
    }
    assertTrue(
        KMeans.fit(bank, 5, 8, 4, Device.CPU).inertia()
            <= KMeans.fit(bank, 5, 1, 4, Device.CPU).inertia());
  }

  @Test
  void errors() {
    FeatureBank bank = clusters(5, 2, 2, 1, 1);
    assertThrows(IllegalArgumentException.class, () -> KMeans.fit(bank, 6, 1, 0, Device.CPU));
    assertThrows(IllegalArgumentException.class, () -> KMeans.fit(bank, 0, 1, 0, Device.CPU));
    assertThrows(IllegalArgumentException.class, () -> ClusterScores.of(new int[2], new int[3]));
  }
}
