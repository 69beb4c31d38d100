package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.ssl.eval.Detection.Truth;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DenseMetricsTest {
  private static final List<Truth> TRUTHS =
      List.of(
          new Truth(1, 7, new Box(10, 10, 40, 40)),
          new Truth(1, 7, new Box(60, 60, 20, 20)),
          new Truth(2, 7, new Box(0, 0, 30, 30)));
  private static final List<Detection> FOUND =
      List.of(
          new Detection(1, 7, new Box(12, 10, 40, 40), .9),
          new Detection(1, 7, new Box(60, 62, 20, 20), .8),
          new Detection(2, 7, new Box(5, 5, 30, 30), .7),
          new Detection(1, 7, new Box(10, 12, 38, 40), .6),
          new Detection(2, 7, new Box(50, 50, 10, 10), .5));

  @Test
  void overlapKnownAnswers() {
    assertEquals(.904762, FOUND.get(0).box().iou(TRUTHS.get(0).box()), 1e-6);
    assertEquals(.818182, FOUND.get(1).box().iou(TRUTHS.get(1).box()), 1e-6);
    assertEquals(.531915, FOUND.get(2).box().iou(TRUTHS.get(2).box()), 1e-6);
    assertEquals(.861575, FOUND.get(3).box().iou(TRUTHS.get(0).box()), 1e-6);
    assertEquals(0, FOUND.get(4).box().iou(TRUTHS.get(2).box()));
    assertEquals(0, new Box(1, 1, 0, 0).iou(new Box(1, 1, 0, 0)));
    assertEquals(1.0 / 7, new Box(0, 0, 1, 1).inclusive().iou(new Box(1, 1, 1, 1).inclusive()));
  }

  @Test
  void cocoKnownAnswer() {
    CocoDetection coco = CocoDetection.of(TRUTHS, FOUND);
    assertEquals(.565347, coco.ap(), 1e-6);
    assertEquals(1, coco.ap50(), 1e-6);
    assertEquals(.663366, coco.ap75(), 1e-6);
    assertEquals(.402970, coco.apSmall(), 1e-6);
    assertEquals(.9, coco.apMedium(), 1e-6);
    assertEquals(-1, coco.apLarge());
    assertEquals(.333333, coco.ar1(), 1e-6);
    assertEquals(.566667, coco.ar10(), 1e-6);
  }

  @Test
  void vocKnownAnswer() {
    VocDetection half = VocDetection.of(TRUTHS, FOUND, .5, false);
    assertEquals(1, half.meanAllPoint(), 1e-12);
    VocDetection strict = VocDetection.of(TRUTHS, FOUND, .75, false);
    assertEquals(.636364, strict.meanElevenPoint(), 1e-6);
    assertEquals(.666667, strict.meanAllPoint(), 1e-6);
  }

  /// VOC: a difficult object, found or not, changes nothing; its finders do not count either.
  @Test
  void difficultObjects() {
    List<Truth> more = new ArrayList<>(TRUTHS);
    more.add(new Truth(3, 7, new Box(0, 0, 9, 9), 81, true, false));
    List<Detection> found = new ArrayList<>(FOUND);
    found.add(new Detection(3, 7, new Box(0, 0, 9, 9), .99));
    assertEquals(
        VocDetection.of(TRUTHS, FOUND, .75, false).meanAllPoint(),
        VocDetection.of(more, found, .75, false).meanAllPoint());
  }

  /// COCO: a crowd takes in any number of detections, none of which counts.
  @Test
  void crowds() {
    List<Truth> more = new ArrayList<>(TRUTHS);
    more.add(new Truth(3, 7, new Box(0, 0, 100, 100), 1e4, false, true));
    List<Detection> found = new ArrayList<>(FOUND);
    found.add(new Detection(3, 7, new Box(0, 0, 30, 30), .99));
    found.add(new Detection(3, 7, new Box(50, 50, 30, 30), .98));
    assertEquals(CocoDetection.of(TRUTHS, FOUND).ap(), CocoDetection.of(more, found).ap());
  }

  /// COCO: an object of the size in question is taken before one of another size, even if that one
  /// overlaps more.
  @Test
  void objectsThatCountComeFirst() {
    List<Truth> two =
        List.of(new Truth(1, 7, new Box(0, 0, 34, 34)), new Truth(1, 7, new Box(0, 0, 30, 30)));
    CocoDetection coco =
        CocoDetection.of(two, List.of(new Detection(1, 7, new Box(0, 0, 34, 34), .9)));
    assertEquals(.6, coco.apSmall(), 1e-12); // IoU 0.78: thresholds 0.50 to 0.75
    assertEquals(1, coco.apMedium(), 1e-12);
  }

  /// A class without objects does not count; one whose objects are missed counts 0.
  @Test
  void classesAreAveraged() {
    List<Truth> more = new ArrayList<>(TRUTHS);
    more.add(new Truth(2, 9, new Box(1, 1, 5, 5)));
    List<Detection> found = new ArrayList<>(FOUND);
    found.add(new Detection(2, 4, new Box(1, 1, 5, 5), 1));
    assertEquals(.565347 / 2, CocoDetection.of(more, found).ap(), 1e-6);
    assertEquals(.5, VocDetection.of(more, found, .5, false).meanAllPoint(), 1e-12);
    assertEquals(-1, CocoDetection.of(List.of(), FOUND).ap());
  }

  private static void fill(int[] map, int number, int top, int bottom, int left, int right) {
    for (int y = top; y <= bottom; y++) {
      for (int x = left; x <= right; x++) {
        map[y * 8 + x] = number;
      }
    }
  }

  @Test
  void instancesKnownAnswer() {
    int[] truth = new int[48];
    fill(truth, 1, 0, 2, 0, 2);
    fill(truth, 2, 0, 1, 5, 7);
    fill(truth, 3, 4, 5, 2, 5);
    int[] predicted = new int[48];
    fill(predicted, 1, 0, 2, 0, 1);
    fill(predicted, 2, 0, 1, 4, 6);
    fill(predicted, 3, 4, 5, 2, 5);
    fill(predicted, 4, 3, 3, 7, 7);
    InstanceScores scores = InstanceScores.of(truth, predicted);
    assertEquals(.571429, scores.detectionQuality(), 1e-6);
    assertEquals(.833333, scores.segmentationQuality(), 1e-6);
    assertEquals(.476190, scores.panopticQuality(), 1e-6);
    assertEquals(.818182, scores.dice(), 1e-6);
    assertEquals(.692308, scores.aji(), 1e-6);
    int[] renamed = java.util.Arrays.stream(predicted).map(i -> i == 0 ? 0 : 9 - i).toArray();
    assertEquals(scores, InstanceScores.of(truth, renamed));
    assertEquals(1, InstanceScores.of(truth, truth).panopticQuality());
    assertEquals(0, InstanceScores.of(truth, new int[48]).aji());
  }

  @Test
  void normalsKnownAnswer() {
    double[] n = {0, 0, 1, 0, .6, .8, 1, 0, 0};
    double[] g = {0, .1, 1, 0, 0, 1, .9, .1, .3};
    NormalError error = NormalError.of(n, g);
    assertEquals(20.646713, error.mean(), 1e-6);
    assertEquals(19.359649, error.median(), 1e-6);
    assertEquals(1.0 / 3, error.within11(), 1e-12);
    assertEquals(2.0 / 3, error.within22(), 1e-12);
    assertEquals(2.0 / 3, error.within30(), 1e-12);
    assertEquals(
        5.710593, NormalError.of(new double[] {0, 0, 2}, new double[] {0, .1, 1}).median(), 1e-6);
    assertEquals(0, NormalError.of(new double[] {3, 3, 3}, new double[] {1, 1, 1}).mean(), 1e-5);
    assertThrows(
        IllegalArgumentException.class, () -> NormalError.of(new double[3], new double[3]));
  }
}
