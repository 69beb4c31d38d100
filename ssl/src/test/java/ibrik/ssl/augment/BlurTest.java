package ibrik.ssl.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlurTest {
  /// How many pixels of a row one bright pixel in the middle reaches.
  @ParameterizedTest
  @CsvSource({"19, 1", "20, 3", "28, 3", "32, 3", "39, 3", "40, 5", "96, 9", "224, 23"})
  void tapsFollowTheHeight(int height, int taps) {
    float[] image = new float[height * 31];
    int middle = height / 2 * 31;
    image[middle + 15] = 1;
    new Blur().apply(image, height, 31, 1, 50);
    int reached = 0;
    for (int x = 0; x < 31; x++) {
      reached += image[middle + x] > 0 ? 1 : 0;
    }
    assertEquals(taps, reached);
  }

  /// With sigma^2 = 1 / (2 ln 2) the weights are 1/2, 1, 1/2: 1/4, 1/2, 1/4.
  @Test
  void threeTapsByHand() {
    double sigma = Math.sqrt(1 / (2 * Math.log(2)));
    assertArrayEquals(new float[] {0.25f, 0.5f, 0.25f}, Blur.taps(1, sigma), 1e-7f);
    float[] image = new float[20 * 3];
    image[10 * 3 + 1] = 16; // inside
    image[0] = 16; // in a corner
    new Blur().apply(image, 20, 3, 1, sigma);
    float[] want = new float[20 * 3];
    float[] inside = {1, 2, 1, 2, 4, 2, 1, 2, 1};
    for (int i = 0; i < 9; i++) {
      want[(9 + i / 3) * 3 + i % 3] += inside[i];
    }
    // 3/4 of a corner stay in its row, and 3/4 of these in its column.
    want[0] += 9;
    want[1] += 3;
    want[3] += 3;
    want[4] += 1;
    assertArrayEquals(want, image, 1e-5f);
  }

  @Test
  void channelsStayApart() {
    float[] image = new float[24 * 5 * 3];
    for (int i = 0; i < image.length; i++) {
      image[i] = i % 3;
    }
    float[] want = image.clone();
    new Blur().apply(image, 24, 5, 3, 2);
    assertArrayEquals(want, image, 1e-6f);
  }

  @Test
  void noDeviationIsNoBlur() {
    float[] image = {1, 0, 1, 1, 0};
    float[] tall = new float[100];
    for (int i = 0; i < 100; i++) {
      tall[i] = image[i % 5];
    }
    float[] want = tall.clone();
    new Blur().apply(tall, 20, 5, 1, 0);
    assertArrayEquals(want, tall);
  }

  @Test
  void blursAreUsedAgain() {
    Blur blur = new Blur();
    float[] large = new float[60 * 60];
    Arrays.fill(large, 9);
    blur.apply(large, 60, 60, 1, 1);
    float[] small = new float[20 * 20 * 3];
    small[615] = 1;
    float[] again = small.clone();
    blur.apply(small, 20, 20, 3, 1);
    new Blur().apply(again, 20, 20, 3, 1);
    assertArrayEquals(again, small);
  }
}
