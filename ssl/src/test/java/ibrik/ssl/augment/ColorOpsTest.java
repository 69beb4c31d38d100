package ibrik.ssl.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Numbers worked out by hand.
class ColorOpsTest {
  private static final float EXACT = 1e-6f;

  private static float[] of(double... values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  @Test
  void clipKeepsTheRange() {
    float[] x = of(-0.5, 0, 0.25, 1, 1.5);
    ColorOps.clip(x, 5);
    assertArrayEquals(of(0, 0, 0.25, 1, 1), x);
  }

  @Test
  void affineMultipliesThenAdds() {
    float[] x = of(0, 0.5, 1, 0.25);
    ColorOps.affine(x, 3, 2, -0.25f);
    assertArrayEquals(of(-0.25, 0.75, 1.75, 0.25), x); // the fourth lies beyond the size
  }

  @Test
  void contrastMovesEachChannelAroundItsMean() {
    // Means: red 0.5, green 0.25, blue 1.
    float[] x = of(0.25, 0, 1, 0.75, 0.5, 1);
    ColorOps.contrastAroundMeans(x, 6, 3, 1.5f);
    assertArrayEquals(of(0.125, -0.125, 1, 0.875, 0.625, 1), x, EXACT);
    float[] grey = of(0.25, 0.75);
    ColorOps.contrastAroundMeans(grey, 2, 1, 0.5f);
    assertArrayEquals(of(0.375, 0.625), grey, EXACT);
  }

  @Test
  void contrastAroundTheGreyMeanUsesOneMean() {
    // Grey of white 0.9999, of black 0: mean 0.49995.
    float[] x = of(1, 1, 1, 0, 0, 0);
    ColorOps.contrastAroundGrey(x, 6, 3, 0.5f);
    assertArrayEquals(of(0.749975, 0.749975, 0.749975, 0.249975, 0.249975, 0.249975), x, EXACT);
    float[] grey = of(0.25, 0.75);
    ColorOps.contrastAroundGrey(grey, 2, 1, 2);
    assertArrayEquals(of(0, 1), grey, EXACT);
  }

  @Test
  void greyIsWeighted() {
    float[] x = of(1, 0, 0, 0, 1, 0, 0, 0, 1);
    ColorOps.grayscale(x, 9, 3);
    assertArrayEquals(
        of(0.2989, 0.2989, 0.2989, 0.587, 0.587, 0.587, 0.114, 0.114, 0.114), x, EXACT);
    float[] grey = of(0.3);
    ColorOps.grayscale(grey, 1, 1);
    assertArrayEquals(of(0.3), grey);
  }

  @Test
  void mixingWithGrey() {
    float[] x = of(1, 0, 0);
    ColorOps.mixWithGrey(x, 3, 0);
    assertArrayEquals(of(0.2989, 0.2989, 0.2989), x, EXACT);
    float[] y = of(1, 0, 0);
    ColorOps.mixWithGrey(y, 3, 2);
    assertArrayEquals(of(2 - 0.2989, -0.2989, -0.2989), y, EXACT);
  }

  @Test
  void solarizeInvertsFromOneHalfUp() {
    float[] x = of(0, 0.25, 0.49, 0.5, 0.75, 1);
    ColorOps.solarize(x, 6);
    assertArrayEquals(of(0, 0.25, 0.49, 0.5, 0.25, 0), x);
  }

  /// Value 0.8, saturation 0.5, hue 1/12: one half of the saturation is 0.25, twice is 1.
  @Test
  void saturationKeepsHueAndValue() {
    float[] half = of(0.8, 0.6, 0.4);
    ColorOps.saturate(half, 3, 0.5f);
    assertArrayEquals(of(0.8, 0.7, 0.6), half, EXACT);
    float[] twice = of(0.8, 0.6, 0.4);
    ColorOps.saturate(twice, 3, 2);
    assertArrayEquals(of(0.8, 0.4, 0), twice, EXACT);
    float[] more = of(0.8, 0.6, 0.4);
    ColorOps.saturate(more, 3, 9); // at most 1
    assertArrayEquals(of(0.8, 0.4, 0), more, EXACT);
    float[] none = of(0.8, 0.6, 0.4);
    ColorOps.saturate(none, 3, 0);
    assertArrayEquals(of(0.8, 0.8, 0.8), none, EXACT);
    float[] greys = of(0, 0, 0, 0.5, 0.5, 0.5, 1, 1, 1);
    ColorOps.saturate(greys, 9, 1.7f);
    assertArrayEquals(of(0, 0, 0, 0.5, 0.5, 0.5, 1, 1, 1), greys);
  }

  /// Pure red turned by thirds, sixths and halves of the circle.
  @ParameterizedTest
  @CsvSource({
    "0.33333334, 0, 1, 0",
    "-0.33333334, 0, 0, 1",
    "0.16666667, 1, 1, 0",
    "-0.16666667, 1, 0, 1",
    "0.5, 0, 1, 1",
    "-0.5, 0, 1, 1",
    "0.083333336, 1, 0.5, 0",
    "0, 1, 0, 0"
  })
  void hueTurns(float turns, float red, float green, float blue) {
    float[] x = of(1, 0, 0);
    ColorOps.turnHue(x, 3, turns);
    assertArrayEquals(of(red, green, blue), x, 2e-6f);
  }

  @Test
  void hueKeepsValueAndChroma() {
    // Green 0.8 with hue 4/12 + (0.2 - 0.4) / 0.6 / 6; turned by one third red goes to green.
    float[] x = of(0.4, 0.8, 0.2);
    ColorOps.turnHue(x, 3, 1f / 3);
    assertArrayEquals(of(0.2, 0.4, 0.8), x, EXACT);
    float[] greys = of(0, 0, 0, 0.5, 0.5, 0.5);
    ColorOps.turnHue(greys, 6, 0.4f);
    assertArrayEquals(of(0, 0, 0, 0.5, 0.5, 0.5), greys);
  }

  /// Every sector of the circle, both directions, against HSV by the book.
  @Test
  void hsvByTheBook() {
    for (int i = 0; i < 6 * 6 * 6; i++) {
      int red = i % 6;
      int green = i / 6 % 6;
      int blue = i / 36;
      double[] p = {red / 5.0, green / 5.0, blue / 5.0};
      double[] hsv = SlowViews.hsv(p);
      for (float turns : new float[] {-0.5f, -0.3f, -0.01f, 0.05f, 0.21f, 0.5f}) {
        double turned = hsv[0] + turns;
        float[] x = of(p);
        ColorOps.turnHue(x, 3, turns);
        assertArrayEquals(of(SlowViews.rgb(turned - Math.floor(turned), hsv[1], hsv[2])), x, 5e-6f);
      }
      for (float factor : new float[] {0, 0.6f, 1.4f, 3}) {
        float[] x = of(p);
        ColorOps.saturate(x, 3, factor);
        assertArrayEquals(
            of(SlowViews.rgb(hsv[0], Math.min(1, hsv[1] * factor), hsv[2])), x, 5e-6f);
      }
    }
  }
}
