package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PairedAccuracyTest {
  private static Predictions of(int... predicted) {
    double[] scores = new double[2 * predicted.length];
    for (int i = 0; i < predicted.length; i++) {
      scores[2 * i + predicted[i]] = 1;
    }
    return new Predictions(scores, new int[] {0, 0, 1, 1, 1}, 2);
  }

  @Test
  void countsWhatOnlyOneGetsRight() {
    PairedAccuracy paired = PairedAccuracy.of(of(0, 0, 1, 0, 0), of(0, 1, 0, 1, 0));
    assertEquals(new PairedAccuracy(2, 1, 5), paired);
    assertEquals(.2, paired.difference(), 1e-15);
    assertEquals(1.959964 * Math.sqrt(3 - .2) / 5, paired.margin(), 1e-12);
  }

  @Test
  void exactTest() {
    // 2 (1 + 6) / 64: at most one of six.
    assertEquals(14 / 64., new PairedAccuracy(5, 1, 10).pValue(), 1e-15);
    assertEquals(14 / 64., new PairedAccuracy(1, 5, 10).pValue(), 1e-15);
    assertEquals(1, new PairedAccuracy(3, 3, 10).pValue());
    assertEquals(1, new PairedAccuracy(0, 0, 10).pValue());
    // Beyond the range of doubles: z = (80 - 1) / sqrt(1200) = 2.2805.
    assertEquals(.02258, new PairedAccuracy(640, 560, 5000).pValue(), 1e-4);
  }

  @Test
  void refuses() {
    assertThrows(IllegalArgumentException.class, () -> new PairedAccuracy(3, 3, 5));
    Predictions others = new Predictions(new double[] {1, 0}, new int[] {0}, 2);
    assertThrows(
        IllegalArgumentException.class, () -> PairedAccuracy.of(of(0, 0, 0, 0, 0), others));
  }
}
