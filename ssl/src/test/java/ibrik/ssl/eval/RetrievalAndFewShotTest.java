package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.eval.FewShot.Config;
import ibrik.ssl.eval.FewShot.Head;
import ibrik.tensor.Device;
import ibrik.tensor.random.PhiloxStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetrievalAndFewShotTest extends EvalTest {
  @Test
  void retrievalKnownAnswer() {
    float[] s = {
      1, .9f, .2f, .1f, .3f, .9f, 1, .4f, .3f, .8f, .2f, .4f, 1, .7f, .6f, .1f, .3f, .7f, 1, .65f,
      .3f, .8f, .6f, .65f, 1
    };
    Retrieval r = Retrieval.of(s, new int[] {0, 1, 1, 0, 1}, List.of(1, 2, 3));
    assertEquals(.2, r.recallAt().get(0), 1e-12);
    assertEquals(.6, r.recallAt().get(1), 1e-12);
    assertEquals(.6, r.recallAt().get(2), 1e-12);
    assertEquals(.5, r.meanAveragePrecision(), 1e-12);
    assertEquals(.3, r.precisionAtR(), 1e-12);
    assertEquals(.2, r.mapAtR(), 1e-12);
    assertEquals(5, r.queries());
  }

  /// Average precision of each query by the other implementation.
  @Test
  void retrievalAgreesWithAveragePrecision() {
    FeatureBank bank = clusters(60, 5, 4, 1, 3);
    double sum = 0;
    FeatureBank unit = bank.l2Normalized();
    for (int q = 0; q < 60; q++) {
      double[] scores = new double[59];
      boolean[] relevant = new boolean[59];
      for (int i = 0, at = 0; i < 60; i++) {
        if (i != q) {
          for (int j = 0; j < 5; j++) {
            scores[at] += (double) unit.at(q, j) * unit.at(i, j);
          }
          relevant[at++] = bank.labels()[i] == bank.labels()[q];
        }
      }
      sum += PrecisionRecall.of(scores, relevant).averagePrecision();
    }
    assertEquals(sum / 60, Retrieval.of(bank, List.of(1), Device.CPU).meanAveragePrecision(), 1e-6);
  }

  @Test
  void retrievalPropertiesAndTies() {
    FeatureBank bank = clusters(90, 6, 3, 0.05, 4);
    Retrieval easy = Retrieval.of(bank, List.of(1, 5), Device.CPU);
    assertEquals(1, easy.meanAveragePrecision(), 1e-12);
    assertEquals(1, easy.recallAt().getFirst());
    FeatureBank hard = clusters(90, 6, 3, 1.5, 4);
    FeatureBank shuffled = hard.select(new PhiloxStream(1, 0).permutation(90));
    assertEquals(
        Retrieval.of(hard, List.of(1), Device.CPU).mapAtR(),
        Retrieval.of(shuffled, List.of(1), Device.CPU).mapAtR(),
        1e-12);
    // All equal, also at similarity -1: order of index. Item 2 is alone in its class.
    Retrieval flat = Retrieval.of(new float[9], new int[] {0, 0, 1}, List.of(1, 2));
    assertEquals(2, flat.queries());
    assertEquals(2.0 / 3, flat.recallAt().getFirst(), 1e-12);
    float[] negative = new float[9];
    java.util.Arrays.fill(negative, -1);
    assertEquals(flat, Retrieval.of(negative, new int[] {0, 0, 1}, List.of(1, 2)));
  }

  private static final FeatureBank SUPPORT =
      bank(new double[][] {{0, 0}, {2, 0}, {0, 4}, {2, 4}, {6, 1}, {6, 3}}, 0, 0, 1, 1, 2, 2);
  private static final FeatureBank QUERY =
      bank(new double[][] {{1, 1}, {3, 0}, {1, 3}, {0, 2.5}, {5, 2}, {3, 2.2}}, 0, 0, 1, 1, 2, 2);

  @Test
  void nearestCentroidKnownAnswer() {
    Predictions p = FewShot.nearestCentroid(SUPPORT, QUERY);
    assertArrayEquals(new int[] {0, 0, 1, 1, 2, 1}, p.predicted());
    assertEquals(5.0 / 6, p.accuracy(), 1e-12);
    assertEquals(.355284, Calibration.negativeLogLikelihood(p), 1e-6);
    double[][] squares = {
      {1, 9, 26}, {4, 20, 13}, {9, 1, 26}, {7.25, 3.25, 36.25}, {20, 20, 1}, {8.84, 7.24, 9.04}
    };
    for (int i = 0; i < 6; i++) {
      for (int c = 0; c < 3; c++) {
        double expected = squares[i][0] - squares[i][c];
        assertEquals(expected, Math.log(p.score(i, c) / p.score(i, 0)), 1e-5);
      }
    }
  }

  @Test
  void episodes() {
    FeatureBank bank = clusters(400, 8, 8, 0.9, 5);
    Config config = new Config(5, 3, 10, 60, Head.CENTROID, true, 0);
    FewShot centroid = FewShot.run(bank, config, Device.CPU);
    assertEquals(60, centroid.accuracies().size());
    assertEquals(centroid, FewShot.run(bank, config, Device.CPU));
    Interval interval = centroid.accuracy();
    assertTrue(interval.value() > .5 && interval.value() < 1, () -> "" + interval);
    assertTrue(interval.half() > 0 && interval.half() < .05);
    FewShot logistic =
        FewShot.run(bank, new Config(5, 3, 10, 30, Head.LOGISTIC, true, 0), Device.CPU);
    assertEquals(interval.value(), logistic.accuracy().value(), .1);
    // More labels help.
    assertTrue(
        FewShot.run(bank, new Config(5, 10, 10, 60, Head.CENTROID, true, 0), Device.CPU)
                .accuracy()
                .value()
            > interval.value());
  }

  @Test
  void errors() {
    assertThrows(
        IllegalArgumentException.class, () -> FewShot.run(QUERY, Config.fiveWay(1), Device.CPU));
  }
}
