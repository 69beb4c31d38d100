package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.EmbeddedSets;
import ibrik.ssl.eval.KnnClassifier.Vote;
import ibrik.ssl.eval.Neighbors.Metric;
import ibrik.tensor.Device;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.random.PhiloxStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnnClassifierTest extends EvalTest {
  private static final FeatureBank TRAIN =
      bank(new double[][] {{1, 0}, {1, 1}, {0, 1}, {-1, 1}, {-1, 0}, {0, -1}}, 0, 0, 1, 1, 2, 2);
  private static final FeatureBank TEST = bank(new double[][] {{2, 1}, {-1, 3}, {-2, -1}}, 0, 1, 2);

  @Test
  void weightedVoteKnownAnswer() {
    for (Device device : List.of(Device.CPU, Device.REFERENCE)) {
      Predictions p =
          KnnClassifier.weighted(0.1, List.of(3))
              .evaluate(TRAIN, TEST, device)
              .getFirst()
              .predictions();
      assertClose(
          1e-6,
          new double[] {.9958186, .0041814, 0, .0041814, .9958186, 0, 0, .0030385, .9969615},
          p.scores());
      assertArrayEquals(new int[] {0, 1, 2}, p.predicted());
      Predictions sharper =
          KnnClassifier.weighted(0.07, List.of(3))
              .evaluate(TRAIN, TEST, device)
              .getFirst()
              .predictions();
      assertClose(1e-6, new double[] {.9994703, .0005297, 0}, Arrays.copyOf(sharper.scores(), 3));
    }
  }

  @Test
  void leaveOneOutKnownAnswer() {
    Predictions p =
        KnnClassifier.weighted(0.1, List.of(2))
            .leaveOneOut(TRAIN, Device.CPU)
            .getFirst()
            .predictions();
    assertClose(
        1e-6,
        new double[] {.9991514, .0008486, 0, .5, .5, 0, .5, .5, 0, 0, .5, .5, 0, 1, 0, .5, 0, .5},
        p.scores());
    assertArrayEquals(new int[] {0, 0, 0, 1, 1, 0}, p.predicted());
    assertEquals(0.5, p.accuracy());
  }

  /// Stated floor of the embedded set, computed elsewhere in double.
  @Test
  void rawPixelsOfFashion() {
    DataSet fashion = EmbeddedSets.fashion();
    FeatureBank train = FeatureBank.pixels(fashion.train());
    FeatureBank test = FeatureBank.pixels(fashion.test());
    double accuracy =
        KnnClassifier.majority(5).evaluate(train, test, Device.CPU).getFirst().accuracy();
    assertEquals(0.809, accuracy, 1e-12);
  }

  @Test
  void oneSearchServesAllK() {
    FeatureBank train = clusters(300, 6, 4, 1.2, 1);
    FeatureBank test = clusters(50, 6, 4, 1.2, 2);
    List<KnnClassifier.Result> together =
        KnnClassifier.weighted(0.07, List.of(20, 5, 500)).evaluate(train, test, Device.CPU);
    for (KnnClassifier.Result result : together) {
      assertArrayEquals(
          KnnClassifier.weighted(0.07, List.of(result.k()))
              .evaluate(train, test, Device.CPU)
              .getFirst()
              .predictions()
              .scores(),
          result.predictions().scores());
    }
    assertEquals(List.of(20, 5, 300), together.stream().map(KnnClassifier.Result::used).toList());
  }

  /// Against all distances in double.
  @Test
  void neighboursMatchSlowSearch() {
    FeatureBank gallery = clusters(257, 19, 3, 2, 3);
    FeatureBank queries = clusters(33, 19, 3, 2, 4);
    for (Metric metric : Metric.values()) {
      Neighbors found = Neighbors.search(queries, gallery, metric, 7, Device.CPU);
      for (int q = 0; q < queries.size(); q++) {
        int query = q;
        Integer[] order = new Integer[gallery.size()];
        Arrays.setAll(order, i -> i);
        double[] far = new double[gallery.size()];
        Arrays.setAll(far, i -> far(metric, queries, query, gallery, i));
        Arrays.sort(order, java.util.Comparator.comparingDouble(i -> far[i]));
        for (int j = 0; j < 7; j++) {
          assertEquals(order[j].intValue(), found.of(q)[j], metric + " query " + q);
          double value = found.value()[q * 7 + j];
          assertEquals(far[order[j]], metric == Metric.COSINE ? 1 - value : value, 1e-6);
        }
      }
    }
  }

  private static double far(Metric metric, FeatureBank a, int i, FeatureBank b, int j) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    double square = 0;
    for (int c = 0; c < a.dim(); c++) {
      dot += (double) a.at(i, c) * b.at(j, c);
      aa += (double) a.at(i, c) * a.at(i, c);
      bb += (double) b.at(j, c) * b.at(j, c);
      square += ((double) a.at(i, c) - b.at(j, c)) * ((double) a.at(i, c) - b.at(j, c));
    }
    return metric == Metric.COSINE ? 1 - dot / Math.sqrt(aa * bb) : Math.sqrt(square);
  }

  @Test
  void equalItemsComeInOrderOfIndex() {
    FeatureBank same =
        bank(new double[][] {{3, 4}, {3, 4}, {3, 4}, {3, 4}, {1, -2}}, 1, 0, 2, 0, 1);
    FeatureBank query = bank(new double[][] {{3, 4}}, 2);
    for (Metric metric : Metric.values()) {
      Neighbors found = Neighbors.search(query, same, metric, 3, Device.CPU);
      assertArrayEquals(new int[] {0, 1, 2}, found.of(0));
      // An item's own place may lie beyond the equal ones before it.
      assertArrayEquals(new int[] {0, 1}, Neighbors.leaveOneOut(same, metric, 2, Device.CPU).of(3));
      assertArrayEquals(new int[] {1, 2}, Neighbors.leaveOneOut(same, metric, 2, Device.CPU).of(0));
    }
    // One vote for each of the classes 1, 0, 2: the smallest wins.
    assertEquals(
        0,
        KnnClassifier.majority(3)
            .evaluate(same, query, Device.CPU)
            .getFirst()
            .predictions()
            .predicted(0));
  }

  /// Constant features: the classes of the first k items decide for everyone.
  @Test
  void collapsedFeatures() {
    FeatureBank flat = bank(new double[][] {{1, 2}, {1, 2}, {1, 2}, {1, 2}, {1, 2}}, 1, 1, 0, 0, 0);
    List<KnnClassifier.Result> results =
        KnnClassifier.weighted(0.07, List.of(3)).evaluate(flat, flat, Device.CPU);
    assertEquals(0.4, results.getFirst().accuracy());
    FeatureBank zero = bank(new double[3][2], 0, 1, 0);
    Predictions p =
        KnnClassifier.weighted().evaluate(zero, zero, Device.CPU).getFirst().predictions();
    assertEquals(2.0 / 3, p.accuracy(), 1e-12);
  }

  @Test
  void scaleOfRowsDoesNotMatterToCosine() {
    FeatureBank train = clusters(200, 8, 5, 1, 5);
    FeatureBank test = clusters(40, 8, 5, 1, 6);
    float[] scaled = test.features().clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= (float) Math.scalb(1.0, i / 8 % 21 - 10); // exact in f32
    }
    KnnClassifier knn = KnnClassifier.weighted(0.07, List.of(10));
    assertArrayEquals(
        knn.evaluate(train, test, Device.CPU).getFirst().predictions().predicted(),
        knn.evaluate(train, new FeatureBank(scaled, 8, test.labels(), 5), Device.CPU)
            .getFirst()
            .predictions()
            .predicted());
  }

  @Test
  void orderOfItemsDoesNotMatter() {
    FeatureBank train = clusters(200, 8, 5, 1, 7);
    FeatureBank test = clusters(60, 8, 5, 1, 8);
    FeatureBank shuffled = train.select(new PhiloxStream(1, 0).permutation(200));
    for (KnnClassifier knn :
        List.of(KnnClassifier.weighted(0.07, List.of(10)), KnnClassifier.majority(7))) {
      assertEquals(
          knn.evaluate(train, test, Device.CPU).getFirst().accuracy(),
          knn.evaluate(shuffled, test, Device.CPU).getFirst().accuracy());
    }
  }

  @Test
  void namesOfClassesDoNotMatter() {
    FeatureBank train = clusters(200, 8, 5, 0.8, 9);
    FeatureBank test = clusters(60, 8, 5, 0.8, 10);
    KnnClassifier knn = KnnClassifier.weighted(0.07, List.of(10));
    assertEquals(
        knn.evaluate(train, test, Device.CPU).getFirst().accuracy(),
        knn.evaluate(renamed(train), renamed(test), Device.CPU).getFirst().accuracy());
  }

  private static FeatureBank renamed(FeatureBank bank) {
    int[] labels = Arrays.stream(bank.labels()).map(c -> (c * 2 + 3) % 5).toArray();
    return new FeatureBank(bank.features(), bank.dim(), labels, bank.classes());
  }

  /// Without the mask every item is its own neighbour.
  @Test
  void leaveOneOutMasksTheItem() {
    FeatureBank noise = clusters(120, 10, 4, 50, 11);
    KnnClassifier one = KnnClassifier.weighted(0.07, List.of(1));
    assertEquals(1.0, one.evaluate(noise, noise, Device.CPU).getFirst().accuracy());
    assertTrue(one.leaveOneOut(noise, Device.CPU).getFirst().accuracy() < 0.6);
  }

  @Test
  void coldTemperatureDoesNotOverflow() {
    Predictions p =
        KnnClassifier.weighted(1e-4, List.of(3))
            .evaluate(TRAIN, TEST, Device.CPU)
            .getFirst()
            .predictions();
    assertTrue(Arrays.stream(p.scores()).allMatch(Double::isFinite));
    assertEquals(1.0, p.accuracy());
  }

  @Test
  void inverseDistance() {
    FeatureBank line = bank(new double[][] {{0}, {1}, {4}}, 0, 1, 1);
    FeatureBank query = bank(new double[][] {{0.25}}, 1);
    Predictions p =
        new KnnClassifier(Metric.EUCLIDEAN, new Vote.InverseDistance(1e-5), List.of(3))
            .evaluate(line, query, Device.CPU)
            .getFirst()
            .predictions();
    double zero = 1 / (0.25 + 1e-5);
    double one = 1 / (0.75 + 1e-5) + 1 / (3.75 + 1e-5);
    assertClose(1e-12, new double[] {zero / (zero + one), one / (zero + one)}, p.scores());
  }

  @Test
  void anyNumberOfThreads() {
    FeatureBank train = clusters(500, 40, 5, 1.5, 12);
    FeatureBank test = clusters(200, 40, 5, 1.5, 13);
    KnnClassifier knn = KnnClassifier.weighted(0.07, List.of(20));
    try {
      Backends.threads(1);
      double[] one = knn.evaluate(train, test, Device.CPU).getFirst().predictions().scores();
      Backends.threads(3);
      double[] three = knn.evaluate(train, test, Device.CPU).getFirst().predictions().scores();
      assertArrayEquals(one, three);
    } finally {
      Backends.threads(Runtime.getRuntime().availableProcessors());
    }
  }

  @Test
  void errors() {
    assertMessage("[knn] k must be between 1 and the 6 items", () -> search(7));
    assertMessage("[knn] k must be between 1 and the 6 items", () -> search(0));
    assertMessage(
        "[knn] temperature votes go with cosine",
        () -> new KnnClassifier(Metric.EUCLIDEAN, new Vote.Temperature(1), List.of(1)));
    assertMessage("each at least 1", () -> KnnClassifier.weighted(0.07, List.of()));
    assertMessage("temperature must be above 0", () -> KnnClassifier.weighted(0, List.of(1)));
    assertMessage(
        "[knn] needs a label on every item",
        () ->
            KnnClassifier.weighted()
                .evaluate(
                    new FeatureBank(new float[] {1, 2}, 1, new int[] {0, -1}, 1),
                    new FeatureBank(new float[] {1}, 1, new int[] {0}, 1),
                    Device.CPU));
  }

  private static Neighbors search(int k) {
    return Neighbors.search(TEST, TRAIN, Metric.COSINE, k, Device.CPU);
  }

  private static void assertMessage(String part, org.junit.jupiter.api.function.Executable body) {
    String message = assertThrows(IllegalArgumentException.class, body).getMessage();
    assertTrue(message.contains(part), message);
  }
}
