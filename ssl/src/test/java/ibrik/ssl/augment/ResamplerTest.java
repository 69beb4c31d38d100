package ibrik.ssl.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/// Weights worked out by hand.
class ResamplerTest {
  private static float[] resize(
      float[] in, int inWidth, Crop window, int h, int w, int channels, Filter filter) {
    float[] out = new float[h * w * channels];
    new Resampler().resize(in, inWidth, channels, window, out, h, w, filter);
    return out;
  }

  @Test
  void kernels() {
    assertEquals(0.75, Filter.BILINEAR.at(-0.25));
    assertEquals(0, Filter.BILINEAR.at(1));
    assertEquals(1, Filter.BICUBIC.at(0));
    assertEquals(0, Filter.BICUBIC.at(1));
    assertEquals(0.5625, Filter.BICUBIC.at(0.5));
    assertEquals(-0.0625, Filter.BICUBIC.at(-1.5));
    assertEquals(0, Filter.BICUBIC.at(2));
    assertEquals(0, Filter.BICUBIC.at(7));
  }

  /// Outputs lie at inputs -0.25 (cut to 0), 0.25, 0.75 and 1.25.
  @Test
  void bilinearTwoToFour() {
    float[] out =
        resize(new float[] {0, 4, 8, 12}, 2, new Crop(0, 0, 2, 2), 4, 4, 1, Filter.BILINEAR);
    assertArrayEquals(new float[] {0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12}, out, 1e-5f);
  }

  /// Output 0 of 8 lies at input -0.25: distances 0.25, 1.25 (and 0.75, 1.75 outside: left out).
  @Test
  void bicubicAtTheEdgeAndInside() {
    double[] k = {0.25, 1.25, 0.75, 1.75};
    double a = Filter.BICUBIC.at(k[0]); // 0.8671875
    double b = Filter.BICUBIC.at(k[1]); // -0.0703125
    double c = Filter.BICUBIC.at(k[2]); // 0.2265625
    double d = Filter.BICUBIC.at(k[3]); // -0.0234375
    assertArrayEquals(
        new double[] {0.8671875, -0.0703125, 0.2265625, -0.0234375}, new double[] {a, b, c, d});
    float[] out =
        resize(new float[] {1, 0, 0, 0}, 4, new Crop(0, 0, 1, 4), 1, 8, 1, Filter.BICUBIC);
    assertEquals(a / (a + b), out[0], 1e-6);
    assertEquals(a / (a + c + d), out[1], 1e-6); // at 0.25: distances 0.25, 0.75, 1.75
    assertEquals(c / (b + a + c), out[2], 1e-6); // at 0.75: distances 0.75, 0.25, 1.25
    assertEquals(b / (b + a + c + d), out[3], 1e-6); // at 1.25: 1.25, 0.25, 0.75, 1.75
    assertEquals(d / (d + c + a + b), out[4], 1e-6); // at 1.75: 1.75, 0.75, 0.25, 1.25
    assertEquals(0, out[6]);
    assertEquals(0, out[7]);
  }

  /// The triangle is twice as wide: weights 3, 3, 1 and 1, 3, 3 of 7.
  @Test
  void shrinkingAverages() {
    float[] out =
        resize(new float[] {7, 14, 21, 28}, 4, new Crop(0, 0, 1, 4), 1, 2, 1, Filter.BILINEAR);
    assertArrayEquals(new float[] {(21 + 42 + 21) / 7f, (14 + 63 + 84) / 7f}, out, 1e-5f);
  }

  /// A chequered image shrunk by 4 is nearly grey with both filters; without antialiasing it would
  /// be black or white.
  @Test
  void shrinkingRemovesWhatTheResultCannotShow() {
    float[] board = new float[32 * 32];
    for (int i = 0; i < board.length; i++) {
      int row = i / 32;
      board[i] = (i + row) % 2;
    }
    for (Filter filter : Filter.values()) {
      float[] out = resize(board, 32, new Crop(0, 0, 32, 32), 8, 8, 1, filter);
      for (float value : out) {
        assertEquals(0.5, value, 0.02);
      }
    }
  }

  @Test
  void sameSizeIsTheSame() {
    float[] in = {0, 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f, 1, 0.05f};
    for (Filter filter : Filter.values()) {
      assertArrayEquals(in, resize(in, 2, new Crop(0, 0, 2, 2), 2, 2, 3, filter));
    }
  }

  /// A window sees nothing outside: its surroundings are not numbers.
  @Test
  void windowsAndChannelsStayApart() {
    float nan = Float.NaN;
    float[] in = {
      nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, //
      nan, nan, nan, 1, 2, 3, 5, 6, 7, nan, nan, nan, //
      nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan
    };
    float[] out = resize(in, 4, new Crop(1, 1, 1, 2), 2, 4, 3, Filter.BILINEAR);
    float[] line = {1, 2, 3, 2, 3, 4, 4, 5, 6, 5, 6, 7};
    for (int row = 0; row < 2; row++) {
      assertArrayEquals(line, java.util.Arrays.copyOfRange(out, 12 * row, 12 * row + 12), 1e-5f);
    }
  }

  /// Buffers of a large image do not show in a small one.
  @Test
  void resamplersAreUsedAgain() {
    Resampler one = new Resampler();
    float[] large = new float[40 * 40];
    java.util.Arrays.fill(large, 9);
    one.resize(large, 40, 1, new Crop(0, 0, 40, 40), new float[16], 4, 4, Filter.BICUBIC);
    float[] out = new float[16];
    one.resize(new float[] {0, 4, 8, 12}, 2, 1, new Crop(0, 0, 2, 2), out, 4, 4, Filter.BILINEAR);
    assertArrayEquals(new float[] {0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12}, out, 1e-5f);
  }
}
