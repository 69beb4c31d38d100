package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ClassificationMetricsTest {
  private static final double[] CONFIDENCE = {.95, .91, .85, .62, .58, .55, .51, .40, .35, .99};
  private static final boolean[] CORRECT = {
    true, true, false, true, false, true, false, false, true, true
  };

  @Test
  void confusionKnownAnswer() {
    ConfusionMatrix m = new ConfusionMatrix(new long[][] {{50, 2, 3}, {4, 30, 1}, {0, 5, 5}});
    double[] iou = {m.iou(0), m.iou(1), m.iou(2)};
    assertArrayEquals(new double[] {.847458, .714286, .357143}, iou, 1e-6);
    assertEquals(.639629, m.meanIou(), 1e-6);
    assertEquals(.85, m.accuracy(), 1e-12);
    assertEquals(.755411, m.balancedAccuracy(), 1e-6);
    assertEquals(.751816, m.frequencyWeightedIou(), 1e-6);
    double[] dice = {m.f1(0), m.f1(1), m.f1(2)};
    assertArrayEquals(new double[] {.917431, .833333, .526316}, dice, 1e-6);
    assertEquals((.917431 + .833333 + .526316) / 3, m.macroF1(), 1e-6);
    assertEquals(50.0 / 55, m.recall(0), 1e-12);
    assertEquals(50.0 / 54, m.precision(0), 1e-12);
    assertEquals(100, m.total());
  }

  @Test
  void absentClassesAreLeftOut() {
    // Class 2 occurs nowhere, class 1 only as a prediction; one item is to be ignored.
    ConfusionMatrix m =
        ConfusionMatrix.of(new int[] {0, 0, -1, 0, 0}, new int[] {0, 1, 1, 0, 0}, 3);
    assertEquals(4, m.total());
    assertEquals(.75, m.balancedAccuracy());
    assertEquals((.75 + 0) / 2, m.meanIou());
    assertEquals((6.0 / 7 + 0) / 2, m.macroF1(), 1e-12);
    assertEquals(.75, m.frequencyWeightedIou());
    assertTrue(Double.isNaN(m.iou(2)));
    assertArrayEquals(new long[] {6, 2, 0}, m.plus(m).counts()[0]);
  }

  @Test
  void topK() {
    Predictions p =
        new Predictions(new double[] {.1, .6, .3, .5, .5, 0, 0, 0, 0}, new int[] {2, 1, 2}, 3);
    assertArrayEquals(new int[] {1, 0, 0}, p.predicted());
    assertEquals(0, p.accuracy());
    assertEquals(2.0 / 3, p.topAccuracy(2), 1e-12);
    assertEquals(1, p.topAccuracy(3));
    Predictions broken = new Predictions(new double[] {Double.NaN, Double.NaN}, new int[] {0}, 2);
    assertEquals(0, broken.topAccuracy(1));
  }

  @Test
  void calibrationKnownAnswers() {
    assertEquals(.227, Calibration.of(CONFIDENCE, CORRECT, 15).ece(), 1e-9);
    assertEquals(.227, Calibration.of(CONFIDENCE, CORRECT, 10).ece(), 1e-9);
    assertEquals(.197, Calibration.of(CONFIDENCE, CORRECT, 5).ece(), 1e-9);
    assertEquals(.85, Calibration.of(CONFIDENCE, CORRECT, 15).mce(), 1e-9);
    assertEquals(.133, Calibration.adaptive(CONFIDENCE, CORRECT, 5).ece(), 1e-9);
  }

  @Test
  void binEdgesBelongBelow() {
    for (int bins = 1; bins <= 40; bins++) {
      for (int b = 1; b <= bins; b++) {
        Calibration one =
            Calibration.of(new double[] {(double) b / bins}, new boolean[] {true}, bins);
        assertEquals(1, one.bins().get(b - 1).count(), b + " of " + bins);
        double above = Math.min(1, Math.nextUp((double) b / bins));
        Calibration next = Calibration.of(new double[] {above}, new boolean[] {true}, bins);
        assertEquals(1, next.bins().get(Math.min(b, bins - 1)).count(), b + " of " + bins);
      }
    }
    assertEquals(
        1, Calibration.of(new double[] {0}, new boolean[] {true}, 3).bins().getFirst().count());
  }

  @Test
  void properScoresKnownAnswers() {
    Predictions p =
        new Predictions(new double[] {.7, .2, .1, .1, .8, .1, .3, .3, .4}, new int[] {0, 1, 1}, 3);
    assertEquals(.313333, Calibration.brier(p), 1e-6);
    assertEquals(.594597, Calibration.negativeLogLikelihood(p), 1e-6);
  }

  @Test
  void temperatureKnownAnswer() {
    double[] logits = {4, 0, 0, 3, 1, 0, 0, 5, 1, 2, 2.5, 0, 0, 1, 4, 1, 0, 3};
    int[] labels = {0, 1, 1, 0, 2, 2};
    assertEquals(
        .581701,
        Calibration.negativeLogLikelihood(TemperatureScaling.apply(logits, labels, 3, 1)),
        1e-6);
    double t = TemperatureScaling.fit(logits, labels, 3);
    assertEquals(1.292789, t, 1e-6);
    Predictions best = TemperatureScaling.apply(logits, labels, 3, t);
    assertEquals(.560247, Calibration.negativeLogLikelihood(best), 1e-6);
    assertArrayEquals(TemperatureScaling.apply(logits, labels, 3, 1).predicted(), best.predicted());
    // Always right: the colder the better, down to the bound.
    assertEquals(1e-3, TemperatureScaling.fit(new double[] {1, 0}, new int[] {0}, 2), 1e-9);
  }

  @Test
  void averagePrecisionKnownAnswers() {
    PrecisionRecall curve =
        PrecisionRecall.of(
            new double[] {.9, .8, .7, .6, .55, .5, .4, .1},
            new boolean[] {true, false, true, true, false, false, true, false});
    assertEquals(.747024, curve.averagePrecision(), 1e-6);
    assertEquals(.769481, curve.elevenPoint(), 1e-6);
    assertEquals(.767857, curve.allPoint(), 1e-6);
    assertEquals(.770156, curve.oneHundredOnePoint(), 1e-6);
  }

  @Test
  void averagePrecisionProperties() {
    boolean[] relevant = {false, true, true, false, true};
    PrecisionRecall perfect = PrecisionRecall.of(new double[] {1, 5, 4, 2, 3}, relevant);
    assertEquals(1, perfect.averagePrecision());
    assertEquals(1, perfect.elevenPoint());
    assertEquals(1, perfect.oneHundredOnePoint(), 1e-12);
    // All scores equal: one point, whatever the order.
    PrecisionRecall flat = PrecisionRecall.of(new double[5], relevant);
    assertEquals(.6, flat.averagePrecision(), 1e-12);
    assertThrows(
        IllegalArgumentException.class, () -> PrecisionRecall.of(new double[2], new boolean[2]));
  }

  @Test
  void intervals() {
    // 8 of 10.
    Interval share = Interval.ofShare(8, 10);
    assertEquals(.4901625, share.low(), 1e-5);
    assertEquals(.9433178, share.high(), 1e-5);
    assertEquals(0, Interval.ofShare(0, 10).low());
    assertTrue(Interval.ofShare(0, 10).high() > .2);
    assertEquals(1, Interval.ofShare(10, 10).high(), 1e-12);
    Interval mean = Interval.ofMean(new double[] {80, 73.3333, 86.6667, 93.3333, 66.6667});
    assertEquals(80, mean.value(), 1e-9);
    assertEquals(8.264086, mean.half(), 1e-4);
  }

  @Test
  void correlationKnownAnswers() {
    double[] x = {1, 2, 3, 4, 5, 6};
    double[] y = {2, 1, 4, 3, 6, 6};
    assertEquals(.879834, Correlation.pearson(x, y), 1e-6);
    assertEquals(.869657, Correlation.spearman(x, y), 1e-6);
    assertEquals(.690066, Correlation.kendall(x, y), 1e-6);
    assertEquals(.771207, Correlation.weightedKendall(x, y), 1e-6);
    double[] a = {.1, .4, .35, .8, .65};
    double[] b = {52, 60, 63, 71, 70};
    assertEquals(.964454, Correlation.pearson(a, b), 1e-6);
    assertEquals(.9, Correlation.spearman(a, b), 1e-6);
    assertEquals(.8, Correlation.kendall(a, b), 1e-6);
    assertEquals(.872263, Correlation.weightedKendall(a, b), 1e-6);
    assertEquals(0, Correlation.logit(.5));
    assertTrue(Double.isNaN(Correlation.pearson(new double[3], new double[] {1, 2, 3})));
  }
}
