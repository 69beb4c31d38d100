package ibrik.kernels.cpu;

import static ibrik.tensor.op.ViewParameters.NO_SOLARIZE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.spec.LiveBytes;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.op.ImageOp;
import ibrik.tensor.op.ImageOp.Filter;
import ibrik.tensor.op.ImageOp.Jitter;
import ibrik.tensor.op.ViewParameters;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Views worked out by hand, on the scalar reference and on the cpu. Numbers are bytes on both
/// sides: 255 stands for 1.
@ExtendWith(LiveBytes.class)
class AugmentTest {
  private static final float CLOSE = 3e-4f;
  private static final int BRIGHTNESS = ViewParameters.order(0, 3, 3, 3);
  private static final int CONTRAST = ViewParameters.order(1, 3, 3, 3);
  private static final int SATURATION = ViewParameters.order(2, 3, 3, 3);
  private static final int HUE = ViewParameters.order(3, 0, 0, 0);

  static Stream<Device> devices() {
    return Stream.of(Device.REFERENCE, Device.CPU);
  }

  private static ImageOp.Augment recipe(
      int height, int width, int channels, int taps, Filter filter, Jitter jitter) {
    return new ImageOp.Augment(
        height,
        width,
        taps,
        filter,
        jitter,
        Collections.nCopies(channels, 0f),
        Collections.nCopies(channels, 1 / 255f),
        DType.F32);
  }

  private static float[] run(
      Device device,
      ImageOp.Augment op,
      ViewParameters view,
      int height,
      int width,
      int depth,
      int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    float[] row = new float[ViewParameters.COLUMNS];
    view.write(MemorySegment.ofArray(row), 0);
    try (TensorScope _ = TensorScope.open()) {
      Tensor images = Tensor.of(bytes, 1, height, width, depth).to(device);
      return images.augment(Tensor.of(row, 1, row.length).to(device), op).toFloats();
    }
  }

  /// The whole image, changed by colour alone.
  private static float[] colour(
      Device device, Jitter jitter, int channels, ViewParameters view, int... values) {
    int width = values.length / channels;
    return run(
        device,
        recipe(1, width, channels, 1, Filter.BILINEAR, jitter),
        view,
        1,
        width,
        channels,
        values);
  }

  private static ViewParameters jitter(
      int width, int order, double brightness, double contrast, double saturation, double hue) {
    return new ViewParameters(
        0,
        0,
        1,
        width,
        false,
        order,
        (float) brightness,
        (float) contrast,
        (float) saturation,
        (float) hue,
        false,
        -1,
        NO_SOLARIZE);
  }

  private static float[] resize(Device device, Filter filter, int[] size, int[] to, int... values) {
    return run(
        device,
        recipe(to[0], to[1], 1, 1, filter, Jitter.BYOL),
        ViewParameters.window(0, 0, size[0], size[1]),
        size[0],
        size[1],
        1,
        values);
  }

  // ---- resize

  @ParameterizedTest
  @EnumSource(Filter.class)
  void weightsAtWholeNumbers(Filter filter) {
    assertEquals(1, filter.at(0));
    assertEquals(0, filter.at(1));
    assertEquals(0, filter.at(-2));
    assertEquals(0, filter.at(7));
  }

  @Test
  void weightsBetween() {
    assertEquals(0.75, Filter.BILINEAR.at(-0.25));
    assertEquals(0.5625, Filter.BICUBIC.at(0.5));
    assertEquals(-0.0625, Filter.BICUBIC.at(-1.5));
  }

  /// Outputs lie at inputs -0.25 (cut to 0), 0.25, 0.75 and 1.25.
  @ParameterizedTest
  @MethodSource("devices")
  void bilinearTwoToFour(Device device) {
    float[] out =
        resize(device, Filter.BILINEAR, new int[] {2, 2}, new int[] {4, 4}, 0, 40, 80, 120);
    float[] want = {0, 10, 30, 40, 20, 30, 50, 60, 60, 70, 90, 100, 80, 90, 110, 120};
    assertArrayEquals(want, out, CLOSE);
  }

  /// Output 0 of 8 lies at input -0.25: distances 0.25, 1.25 (and 0.75, 1.75 outside: left out).
  @ParameterizedTest
  @MethodSource("devices")
  void bicubicAtTheEdgeAndInside(Device device) {
    double a = 0.8671875; // at 0.25
    double b = -0.0703125; // at 1.25
    double c = 0.2265625; // at 0.75
    double d = -0.0234375; // at 1.75
    float[] out =
        resize(device, Filter.BICUBIC, new int[] {1, 4}, new int[] {1, 8}, 200, 100, 100, 100);
    double[] share = {
      a / (a + b), // of the bright pixel
      a / (a + c + d), // at 0.25: distances 0.25, 0.75, 1.75
      c / (b + a + c), // at 0.75: distances 0.75, 0.25, 1.25
      b / (b + a + c + d),
      d / (d + c + a + b),
      0,
      0,
      0
    };
    for (int i = 0; i < 8; i++) {
      assertEquals(100 + 100 * share[i], out[i], CLOSE);
    }
  }

  /// The triangle is twice as wide: weights 3, 3, 1 and 1, 3, 3 of 7.
  @ParameterizedTest
  @MethodSource("devices")
  void shrinkingAverages(Device device) {
    float[] out =
        resize(device, Filter.BILINEAR, new int[] {1, 4}, new int[] {1, 2}, 7, 14, 21, 28);
    assertArrayEquals(new float[] {(21 + 42 + 21) / 7f, (14 + 63 + 84) / 7f}, out, CLOSE);
  }

  /// A chequered image shrunk by 4 is nearly grey with both filters; without antialiasing it would
  /// be black or white.
  @ParameterizedTest
  @MethodSource("devices")
  void shrinkingRemovesWhatTheResultCannotShow(Device device) {
    int[] board = new int[32 * 32];
    for (int i = 0; i < board.length; i++) {
      board[i] = (i + i / 32) % 2 * 255;
    }
    for (Filter filter : Filter.values()) {
      for (float value : resize(device, filter, new int[] {32, 32}, new int[] {8, 8}, board)) {
        assertEquals(127.5, value, 5);
      }
    }
  }

  /// A window sees nothing beside it, and zeros outside the image.
  @ParameterizedTest
  @MethodSource("devices")
  void windowsAndChannelsStayApart(Device device) {
    int w = 255;
    int[] image = {
      w, w, w, w, w, w, w, w, w, w, w, w, //
      w, w, w, 10, 20, 30, 50, 60, 70, w, w, w, //
      w, w, w, w, w, w, w, w, w, w, w, w
    };
    ImageOp.Augment op = recipe(2, 4, 3, 1, Filter.BILINEAR, Jitter.BYOL);
    float[] out = run(device, op, ViewParameters.window(1, 1, 1, 2), 3, 4, 3, image);
    float[] line = {10, 20, 30, 20, 30, 40, 40, 50, 60, 50, 60, 70};
    for (int i = 0; i < 24; i++) {
      assertEquals(line[i % 12], out[i], CLOSE);
    }
    float[] rim = run(device, op, ViewParameters.window(-1, 2, 2, 4), 3, 4, 3, image);
    assertArrayEquals(new float[12], java.util.Arrays.copyOf(rim, 12));
    assertArrayEquals(
        new float[] {w, w, w, w, w, w, 0, 0, 0, 0, 0, 0},
        java.util.Arrays.copyOfRange(rim, 12, 24),
        CLOSE);
  }

  // ---- colour

  @ParameterizedTest
  @MethodSource("devices")
  void brightness(Device device) {
    float[] more = colour(device, Jitter.BYOL, 1, jitter(3, BRIGHTNESS, 0.2, 1, 1, 0), 0, 100, 230);
    assertArrayEquals(new float[] {51, 151, 255}, more, CLOSE);
    float[] twice =
        colour(device, Jitter.MULTIPLICATIVE, 1, jitter(3, BRIGHTNESS, 2, 1, 1, 0), 0, 100, 230);
    assertArrayEquals(new float[] {0, 200, 255}, twice, CLOSE);
  }

  /// Means: red 100, green 50, blue 200.
  @ParameterizedTest
  @MethodSource("devices")
  void contrastMovesEachChannelAroundItsMean(Device device) {
    float[] out =
        colour(
            device,
            Jitter.BYOL,
            3,
            jitter(2, CONTRAST, 0, 1.5, 1, 0),
            new int[] {50, 0, 200, 150, 100, 200});
    assertArrayEquals(new float[] {25, 0, 200, 175, 125, 200}, out, CLOSE);
    float[] grey = colour(device, Jitter.BYOL, 1, jitter(2, CONTRAST, 0, 0.5, 1, 0), 50, 150);
    assertArrayEquals(new float[] {75, 125}, grey, CLOSE);
  }

  /// Grey of white 0.9999, of black 0: mean 0.49995.
  @ParameterizedTest
  @MethodSource("devices")
  void contrastAroundTheGreyMeanUsesOneMean(Device device) {
    float[] out =
        colour(
            device,
            Jitter.MULTIPLICATIVE,
            3,
            jitter(2, CONTRAST, 1, 0.5, 1, 0),
            new int[] {255, 255, 255, 0, 0, 0});
    float high = 255 * 0.749975f;
    float low = 255 * 0.249975f;
    assertArrayEquals(new float[] {high, high, high, low, low, low}, out, CLOSE);
  }

  /// Contrast takes the mean of what came before: brightness first moves it, brightness last does
  /// not.
  @ParameterizedTest
  @MethodSource("devices")
  void changesFollowTheirOrder(Device device) {
    int first = ViewParameters.order(0, 1, 2, 3);
    int last = ViewParameters.order(1, 2, 3, 0);
    float[] moved = colour(device, Jitter.BYOL, 1, jitter(2, first, 0.6, 0.5, 1, 0), 0, 204);
    assertArrayEquals(new float[] {(153 + 204) / 2f, (255 + 204) / 2f}, moved, CLOSE);
    float[] after = colour(device, Jitter.BYOL, 1, jitter(2, last, 0.6, 0.5, 1, 0), 0, 204);
    assertArrayEquals(new float[] {51 + 153, 255}, after, CLOSE);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void greyIsWeighted(Device device) {
    ViewParameters gray =
        new ViewParameters(0, 0, 1, 3, false, -1, 0, 1, 1, 0, true, -1, NO_SOLARIZE);
    float[] out = colour(device, Jitter.BYOL, 3, gray, 255, 0, 0, 0, 255, 0, 0, 0, 255);
    float r = 255 * 0.2989f;
    float g = 255 * 0.587f;
    float b = 255 * 0.114f;
    assertArrayEquals(new float[] {r, r, r, g, g, g, b, b, b}, out, CLOSE);
    assertArrayEquals(
        new float[] {76, 1, 2}, colour(device, Jitter.BYOL, 1, gray, 76, 1, 2), CLOSE);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void mixingWithGrey(Device device) {
    float[] none =
        colour(device, Jitter.MULTIPLICATIVE, 3, jitter(1, SATURATION, 1, 1, 0, 0), 200, 0, 0);
    float grey = 200 * 0.2989f;
    assertArrayEquals(new float[] {grey, grey, grey}, none, CLOSE);
    float[] more =
        colour(device, Jitter.MULTIPLICATIVE, 3, jitter(1, SATURATION, 1, 1, 1.2, 0), 200, 100, 0);
    float mean = 200 * 0.2989f + 100 * 0.587f;
    assertArrayEquals(new float[] {240 - 0.2f * mean, 120 - 0.2f * mean, 0}, more, CLOSE);
  }

  /// Value 0.8, saturation 0.5, hue 1/12: one half of the saturation is 0.25, twice is 1.
  @ParameterizedTest
  @MethodSource("devices")
  void saturationKeepsHueAndValue(Device device) {
    float[][] want = {{204, 178.5f, 153}, {204, 102, 0}, {204, 102, 0}, {204, 204, 204}};
    double[] factors = {0.5, 2, 9, 0};
    for (int i = 0; i < 4; i++) {
      ViewParameters view = jitter(1, SATURATION, 0, 1, factors[i], 0);
      assertArrayEquals(want[i], colour(device, Jitter.BYOL, 3, view, 204, 153, 102), CLOSE);
    }
    float[] greys =
        colour(
            device,
            Jitter.BYOL,
            3,
            jitter(3, SATURATION, 0, 1, 1.7, 0),
            new int[] {0, 0, 0, 90, 90, 90, 255, 255, 255});
    assertArrayEquals(new float[] {0, 0, 0, 90, 90, 90, 255, 255, 255}, greys, CLOSE);
  }

  /// Pure red turned by thirds, sixths and halves of the circle.
  @ParameterizedTest
  @CsvSource({
    "0.33333334, 0, 255, 0",
    "-0.33333334, 0, 0, 255",
    "0.16666667, 255, 255, 0",
    "-0.16666667, 255, 0, 255",
    "0.5, 0, 255, 255",
    "-0.5, 0, 255, 255",
    "0.083333336, 255, 127.5, 0",
    "0, 255, 0, 0"
  })
  void hueTurns(double turns, float red, float green, float blue) {
    for (Device device : devices().toList()) {
      float[] out = colour(device, Jitter.BYOL, 3, jitter(1, HUE, 0, 1, 1, turns), 255, 0, 0);
      assertArrayEquals(new float[] {red, green, blue}, out, CLOSE);
    }
  }

  /// Green with hue 4/12 + (0.2 - 0.4) / 0.6 / 6; turned by one third red goes to green. Grey
  /// stays.
  @ParameterizedTest
  @MethodSource("devices")
  void hueKeepsValueAndChroma(Device device) {
    ViewParameters third = jitter(2, HUE, 0, 1, 1, 1f / 3);
    float[] out = colour(device, Jitter.BYOL, 3, third, 102, 204, 51, 90, 90, 90);
    assertArrayEquals(new float[] {51, 102, 204, 90, 90, 90}, out, CLOSE);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void solarizeInvertsFromTheThresholdUp(Device device) {
    ViewParameters half = new ViewParameters(0, 0, 1, 5, false, -1, 0, 1, 1, 0, false, -1, 0.4f);
    assertArrayEquals(
        new float[] {0, 101, 152, 75, 0},
        colour(device, Jitter.BYOL, 1, half, 0, 101, 103, 180, 255),
        CLOSE);
  }

  // ---- blur, flip, normalise, subject

  /// With sigma^2 = 1 / (2 ln 2) the weights are 1/2, 1, 1/2: 1/4, 1/2, 1/4.
  @ParameterizedTest
  @MethodSource("devices")
  void threeTapsByHand(Device device) {
    float sigma = (float) Math.sqrt(1 / (2 * Math.log(2)));
    int[] image = new int[5 * 6];
    image[3 * 6 + 4] = 160; // inside
    image[0] = 160; // in a corner
    float[] want = new float[image.length];
    int[] inside = {10, 20, 10, 20, 40, 20, 10, 20, 10};
    for (int i = 0; i < 9; i++) {
      want[(2 + i / 3) * 6 + 3 + i % 3] += inside[i];
    }
    // 3/4 of a corner stay in its row, and 3/4 of these in its column.
    want[0] += 90;
    want[1] += 30;
    want[6] += 30;
    want[7] += 10;
    ViewParameters view =
        new ViewParameters(0, 0, 5, 6, false, -1, 0, 1, 1, 0, false, sigma, NO_SOLARIZE);
    ImageOp.Augment op = recipe(5, 6, 1, 3, Filter.BILINEAR, Jitter.BYOL);
    assertArrayEquals(want, run(device, op, view, 5, 6, 1, image), CLOSE);
  }

  /// Taps reach further than the view; no deviation is no blur.
  @ParameterizedTest
  @MethodSource("devices")
  void wideAndNarrowBlurs(Device device) {
    int[] image = {10, 20, 30, 40, 50, 60};
    ImageOp.Augment op = recipe(1, 2, 3, 9, Filter.BILINEAR, Jitter.BYOL);
    ViewParameters wide =
        new ViewParameters(0, 0, 1, 2, false, -1, 0, 1, 1, 0, false, 1e6f, NO_SOLARIZE);
    // Of nine equal taps five fall on the pixel itself and the rim beyond it.
    float near = 5 / 9f;
    float far = 4 / 9f;
    float[] out = run(device, op, wide, 1, 2, 3, image);
    for (int c = 0; c < 3; c++) {
      assertEquals(near * image[c] + far * image[c + 3], out[c], CLOSE);
      assertEquals(far * image[c] + near * image[c + 3], out[c + 3], CLOSE);
    }
    ViewParameters none =
        new ViewParameters(0, 0, 1, 2, false, -1, 0, 1, 1, 0, false, 0, NO_SOLARIZE);
    assertArrayEquals(
        new float[] {10, 20, 30, 40, 50, 60}, run(device, op, none, 1, 2, 3, image), CLOSE);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void flippedAndNormalised(Device device) {
    ViewParameters view =
        new ViewParameters(0, 0, 1, 2, true, -1, 0, 1, 1, 0, false, -1, NO_SOLARIZE);
    ImageOp.Augment op =
        new ImageOp.Augment(
            1,
            2,
            1,
            Filter.BICUBIC,
            Jitter.BYOL,
            List.of(0.2f, 0.4f, 0f),
            List.of(0.5f, 0.2f, 2f),
            DType.F32);
    float[] out = run(device, op, view, 1, 2, 3, 255, 255, 255, 51, 102, 0);
    assertArrayEquals(new float[] {0, 0, 0, 1.6f, 3, 0.5f}, out, 1e-6f);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void whatIsNotSubjectIsGrey(Device device) {
    float[] row = new float[ViewParameters.COLUMNS];
    ViewParameters.window(0, 0, 1, 3).write(MemorySegment.ofArray(row), 0);
    try (TensorScope _ = TensorScope.open()) {
      Tensor images = Tensor.of(new byte[] {10, 20, 30}, 1, 1, 3, 1).to(device);
      Tensor subject = Tensor.of(new boolean[] {true, false, true}, 1, 1, 3).to(device);
      Tensor parameters = Tensor.of(row, 1, row.length).to(device);
      ImageOp.Augment op = recipe(1, 3, 3, 1, Filter.BILINEAR, Jitter.BYOL);
      assertArrayEquals(
          new float[] {10, 10, 10, 127.5f, 127.5f, 127.5f, 30, 30, 30},
          images.augment(parameters, subject, op).toFloats(),
          CLOSE);
    }
  }

  // ---- what was drawn

  @Test
  void rowsComeBackAsTheyWere() {
    float[] rows = new float[2 * ViewParameters.COLUMNS];
    ViewParameters view =
        new ViewParameters(-3, 7, 11, 2, true, 0b11_01_00_10, 1, 2, 3, -0.25f, true, 4, 5);
    view.write(MemorySegment.ofArray(rows), 1);
    assertEquals(view, ViewParameters.read(MemorySegment.ofArray(rows), 1));
    assertEquals(
        List.of(2, 0, 1, 3),
        Stream.of(0, 1, 2, 3).map(view::change).toList(),
        "two bits each, the first lowest");
  }

  @ParameterizedTest
  @MethodSource("devices")
  void rowsThatAreNoView(Device device) {
    ViewParameters fine = jitter(1, HUE, 0, 1, 1, 0);
    assertArrayEquals(new float[] {9}, colour(device, Jitter.BYOL, 1, fine, 9), CLOSE);
    refused(
        device,
        "[augment] parameters must be finite; got NaN in column 7 of view 0",
        jitter(1, HUE, 0, Double.NaN, 1, 0));
    refused(
        device,
        "[augment] hue must turn by -0.5 to 0.5; got 0.75 in view 0",
        jitter(1, HUE, 0, 1, 1, 0.75));
    refused(
        device,
        "[augment] windows must have 1 to 32768 rows and columns and start at most as far away; got"
            + " 1x0 at (0, 0) in view 0",
        ViewParameters.window(0, 0, 1, 0));
    refused(
        device,
        "[augment] windows must have 1 to 32768 rows and columns and start at most as far away; got"
            + " 1x1 at (0, 40000) in view 0",
        ViewParameters.window(0, 40000, 1, 1));
  }

  private static void refused(Device device, String message, ViewParameters view) {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> colour(device, Jitter.BYOL, 1, view, 9));
    assertEquals(message, thrown.getMessage());
  }
}
