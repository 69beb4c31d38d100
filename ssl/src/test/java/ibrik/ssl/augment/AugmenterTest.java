package ibrik.ssl.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.data.Image;
import ibrik.tensor.op.ImageOp.Filter;
import ibrik.tensor.op.ImageOp.Jitter;
import ibrik.tensor.random.PhiloxStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AugmenterTest {
  private static final long SEED = 17;

  static List<View> recipe(String name) {
    return switch (name) {
      case "byol" -> Views.byol();
      case "byol-small" -> Views.byolCifar();
      case "simclr" -> Views.simclr(1, 0.5);
      case "simclr-small" -> Views.simclr(0.5, 0);
      case "gentle" -> Views.gentle();
      default -> throw new IllegalArgumentException(name);
    };
  }

  /// Waves of three frequencies with some noise: smooth, colourful, nowhere symmetric.
  static Image image(int height, int width, int channels) {
    PhiloxStream random = new PhiloxStream(5, channels);
    byte[] pixels = new byte[height * width * channels];
    for (int i = 0; i < pixels.length; i++) {
      double x = i / channels % width;
      int y = i / channels / width;
      int c = i % channels;
      double wave =
          StrictMath.sin(0.3 * x + 0.1 * c * y) + StrictMath.cos(0.2 * (y + 3 * c) + 0.01 * x * y);
      pixels[i] = (byte) Math.clamp(Math.round(128 + 55 * wave + 20 * random.nextDouble()), 0, 255);
    }
    return new Image(height, width, channels, pixels);
  }

  static Augmenter plain(View view, int height, int width, int channels) {
    return new Augmenter(
        view,
        height,
        width,
        channels,
        Collections.nCopies(channels, 0f),
        Collections.nCopies(channels, 1f));
  }

  static float[] apply(View view, Image image, int height, int width, int index, int number) {
    Augmenter maker = plain(view, height, width, image.channels());
    float[] out = new float[maker.size()];
    maker.apply(image, Augmenter.stream(SEED, 2, index, number), out);
    return out;
  }

  static Stream<Arguments> pipelines() {
    return Stream.of("byol", "byol-small", "simclr", "simclr-small", "gentle")
        .flatMap(
            name ->
                Stream.of(
                    Arguments.of(name, 32, 32, 3, 32, 32),
                    Arguments.of(name, 28, 28, 1, 28, 28),
                    Arguments.of(name, 50, 37, 3, 20, 24)));
  }

  /// Every stage at once, against the slow computation.
  @ParameterizedTest
  @MethodSource("pipelines")
  void viewsAreWhatTheFormulasSay(
      String name, int imageHeight, int imageWidth, int channels, int height, int width) {
    Image image = image(imageHeight, imageWidth, channels);
    List<View> views = recipe(name);
    for (int v = 0; v < views.size(); v++) {
      Augmenter maker =
          new Augmenter(
              views.get(v),
              height,
              width,
              channels,
              Collections.nCopies(channels, 0.4f),
              Collections.nCopies(channels, 0.25f));
      float[] out = new float[maker.size()];
      for (int index = 0; index < 12; index++) {
        maker.apply(image, Augmenter.stream(SEED, 1, index, v), out);
        double[][][] want =
            SlowViews.apply(
                views.get(v),
                image,
                height,
                width,
                Augmenter.stream(SEED, 1, index, v),
                0.4f,
                0.25f);
        for (int i = 0; i < out.length; i++) {
          double expected = want[i / channels / width][i / channels % width][i % channels];
          int at = i;
          int sample = index;
          assertEquals(expected, out[i], 1e-4, () -> name + " image " + sample + " at " + at);
        }
      }
    }
  }

  /// Sixteen numbers per pipeline: pixel `61 i` of images 0 to 7, both views. They change when any
  /// draw moves to another place, or a stream to another number.
  @ParameterizedTest
  @CsvSource({
    "byol, 32, 3, 0.4580 0.6368 0.4137 0.4588 0.2959 0.4108 0.5799 0.0073 0.4571 0.3692 "
        + "0.5220 0.2623 0.3759 0.2796 0.4397 0.1431",
    "byol, 28, 1, 0.6626 0.3865 0.6325 0.4779 0.2843 0.4051 0.7442 0.1459 0.8269 0.4252 "
        + "0.9260 0.4599 0.6382 0.0206 0.6458 0.7130",
    "simclr, 32, 3, 0.3129 0.5933 0.4137 0.4588 0.3579 0.4624 0.4499 0.0943 0.3833 0.3455 "
        + "0.5213 0.2592 0.4394 0.6174 0.4258 0.1618",
    "simclr, 28, 1, 0.6349 0.4693 0.6325 0.4779 0.3817 0.3947 0.5944 0.1626 0.8720 0.4577 "
        + "0.9373 0.3801 0.5557 0.9471 0.6488 0.6481",
    "gentle, 32, 3, 0.5449 0.6226 0.4546 0.6669 0.2965 0.3305 0.5963 0.0046 0.5167 0.4461 "
        + "0.2670 0.2432 0.2972 0.7657 0.4650 0.1445",
    "gentle, 28, 1, 0.7847 0.3824 0.6169 0.3977 0.2811 0.5209 0.7453 0.1708 0.7857 0.5850 "
        + "0.8383 0.5382 0.6384 0.9779 0.6601 0.7102"
  })
  void viewsStayWhatTheyAre(String name, int side, int channels, String numbers) {
    Image image = image(side, side, channels);
    double[] got = new double[16];
    for (int i = 0; i < 16; i++) {
      float[] view = apply(recipe(name).get(i % 2), image, side, side, i / 2, i % 2);
      got[i] = view[61 * i % view.length];
    }
    double[] want = Arrays.stream(numbers.split(" ")).mapToDouble(Double::parseDouble).toArray();
    assertArrayEquals(want, got, 5e-5, () -> Arrays.toString(got));
  }

  @Test
  void streamsAreApart() {
    Set<Integer> first = new HashSet<>();
    int count = 0;
    for (int epoch : new int[] {0, 1, 2, 15, 16, 1 << 22, (1 << 23) - 1}) {
      for (int view = 0; view < 16; view++) {
        for (int index : new int[] {0, 1, 2, 1 << 16, Integer.MAX_VALUE}) {
          first.add(Augmenter.stream(SEED, epoch, index, view).nextInt());
          count++;
        }
      }
    }
    assertEquals(count, first.size());
  }

  @ParameterizedTest
  @CsvSource({"-1, 0, 0", "8388608, 0, 0", "0, -1, 0", "0, 0, -1", "0, 0, 16"})
  void streamsWithoutRoom(int epoch, int index, int view) {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> Augmenter.stream(1, epoch, index, view));
    assertEquals(
        "[augment] epoch must be below 2^23, image at least 0, view below 16; got epoch "
            + epoch
            + ", image "
            + index
            + ", view "
            + view,
        thrown.getMessage());
  }

  /// What was made before does not show, whoever makes it.
  @Test
  void oneAugmenterOrManyGiveTheSameBits() {
    View view = Views.byol().getFirst();
    Image small = image(32, 32, 3);
    Image large = image(60, 45, 3);
    Augmenter used = plain(view, 32, 32, 3);
    float[] out = new float[used.size() + 5];
    Arrays.fill(out, 7);
    for (int index = 9; index >= 0; index--) {
      Image image = index % 2 == 0 ? small : large;
      used.apply(image, Augmenter.stream(SEED, 2, index, 0), out);
      assertArrayEquals(apply(view, image, 32, 32, index, 0), Arrays.copyOf(out, used.size()), 0f);
    }
    assertArrayEquals(
        new float[] {7, 7, 7, 7, 7}, Arrays.copyOfRange(out, used.size(), out.length));
  }

  @Test
  void everyPartOfTheStreamMatters() {
    View view = Views.byol().getFirst();
    Image image = image(32, 32, 3);
    List<float[]> all = new ArrayList<>();
    for (int[] part :
        new int[][] {{0, 0, 0, 1}, {1, 0, 0, 1}, {0, 1, 0, 1}, {0, 0, 1, 1}, {0, 0, 0, 2}}) {
      Augmenter maker = plain(view, 32, 32, 3);
      float[] out = new float[maker.size()];
      maker.apply(image, Augmenter.stream(part[3], part[0], part[1], part[2]), out);
      assertTrue(all.stream().noneMatch(other -> Arrays.equals(other, out)));
      all.add(out);
    }
  }

  /// A shifted window may lie in the padding altogether.
  @Test
  void aSmallViewMayShowNothing() {
    Image image = image(5, 5, 3);
    boolean seen = false;
    boolean empty = false;
    for (int index = 0; index < 100; index++) {
      float[] out = apply(Views.supervised().getFirst(), image, 2, 1, index, 0);
      boolean dark = IntStream.range(0, out.length).allMatch(i -> out[i] == 0);
      seen |= !dark;
      empty |= dark;
    }
    assertTrue(seen && empty);
  }

  /// A view that does nothing shows the image.
  @Test
  void nothingToDo() {
    Image image = image(9, 7, 3);
    View none = CropTest.view(1, 1, 1, 1);
    Image square = image(9, 9, 3);
    assertArrayEquals(floats(square), apply(none, square, 9, 9, 0, 0));
    float[] tested = new float[9 * 7 * 3];
    plain(none, 9, 7, 3).test(image, tested);
    assertArrayEquals(floats(image), tested);
  }

  private static float[] floats(Image image) {
    float[] floats = new float[image.pixels().length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (image.pixels()[i] & 0xFF) / 255f;
    }
    return floats;
  }

  @Test
  void flipsComeAsOftenAsAskedAndMirrorRows() {
    Image image = new Image(2, 3, 1, new byte[] {0, 51, 102, (byte) 153, (byte) 204, (byte) 255});
    View view =
        new View(
            1, 1, 1.5, 1.5, Filter.BILINEAR, 0, 0.3, 0, 0, 0, 0, 0, Jitter.BYOL, 0, 0, 0, 0, 0);
    int flipped = 0;
    for (int i = 0; i < 3000; i++) {
      float[] out = apply(view, image, 2, 3, i, 0);
      boolean mirrored = out[0] > out[1];
      flipped += mirrored ? 1 : 0;
      float[] want =
          mirrored
              ? new float[] {0.4f, 0.2f, 0, 1, 0.8f, 0.6f}
              : new float[] {0, 0.2f, 0.4f, 0.6f, 0.8f, 1};
      assertArrayEquals(want, out);
    }
    assertEquals(0.3, flipped / 3000.0, 0.03);
  }

  /// Every order of the four changes comes equally often: chi-squared with 23 degrees of freedom,
  /// at one in a thousand. That jitter follows the permutation is shown above.
  @Test
  void ordersOfJitterAreUniform() {
    int[] seen = new int[256];
    int draws = 24_000;
    PhiloxStream random = new PhiloxStream(SEED, 0);
    for (int i = 0; i < draws; i++) {
      int[] order = random.permutation(4);
      seen[order[0] << 6 | order[1] << 4 | order[2] << 2 | order[3]]++;
    }
    double chi = 0;
    int kinds = 0;
    for (int count : seen) {
      if (count > 0) {
        kinds++;
        chi += (count - 1000.0) * (count - 1000.0) / 1000;
      }
    }
    assertEquals(24, kinds);
    double statistic = chi;
    assertTrue(statistic < 49.7, () -> "chi squared " + statistic);
  }

  @Test
  void shiftedCropsHaveZerosAround() {
    View view = Views.supervised().getFirst();
    Image image = new Image(1, 1, 3, new byte[] {51, 102, (byte) 153});
    Set<Integer> places = new HashSet<>();
    for (int i = 0; i < 400; i++) {
      float[] out = apply(view, image, 5, 5, i, 0);
      int at = -1;
      for (int p = 0; p < 25; p++) {
        if (out[3 * p] != 0) {
          assertEquals(-1, at);
          at = p;
          assertArrayEquals(
              new float[] {0.2f, 0.4f, 0.6f}, Arrays.copyOfRange(out, 3 * p, 3 * p + 3));
        }
      }
      places.add(at);
    }
    assertEquals(25, places.size(), "1 + 2 * 4 - 5 + 1 places in either direction");
    assertFalse(places.contains(-1));
  }

  /// An image that is larger than the view all around.
  @Test
  void shiftedCropsOfLargeImages() {
    Image image = image(12, 14, 1);
    float[] pixels = floats(image);
    for (int i = 0; i < 50; i++) {
      PhiloxStream draws = Augmenter.stream(SEED, 2, i, 0);
      int top = draws.nextInt(12 + 8 - 6 + 1) - 4;
      int left = draws.nextInt(14 + 8 - 5 + 1) - 4;
      boolean mirrored = draws.nextBoolean(0.5);
      float[] out = apply(Views.supervised().getFirst(), image, 6, 5, i, 0);
      for (int p = 0; p < 30; p++) {
        int y = top + p / 5;
        int x = left + (mirrored ? 4 - p % 5 : p % 5);
        boolean inside = y >= 0 && y < 12 && x >= 0 && x < 14;
        assertEquals(inside ? pixels[y * 14 + x] : 0, out[p]);
      }
    }
  }

  @Test
  void channelsAreAddedAndWeighted() {
    View none = CropTest.view(1, 1, 1, 1);
    Image grey = new Image(1, 1, 1, new byte[] {51});
    float[] rgb = new float[3];
    plain(none, 1, 1, 3).test(grey, rgb);
    assertArrayEquals(new float[] {0.2f, 0.2f, 0.2f}, rgb);
    Image colour = new Image(1, 1, 3, new byte[] {(byte) 255, 51, 102});
    float[] one = new float[1];
    plain(none, 1, 1, 1).test(colour, one);
    assertEquals(0.2989 + 0.5870 * 0.2 + 0.1140 * 0.4, one[0], 1e-6);
    float[] made = new float[1];
    plain(none, 1, 1, 1).apply(colour, Augmenter.stream(1, 0, 0, 0), made);
    assertEquals(one[0], made[0]);
  }

  @Test
  void normalisedPerChannel() {
    Augmenter maker =
        new Augmenter(
            CropTest.view(1, 1, 1, 1), 1, 2, 3, List.of(0.2f, 0.4f, 0f), List.of(0.5f, 0.2f, 2f));
    Image image = new Image(1, 2, 3, new byte[] {51, 102, 0, (byte) 255, (byte) 255, (byte) 255});
    float[] out = new float[6];
    maker.test(image, out);
    assertArrayEquals(new float[] {0, 0, 0, 1.6f, 3, 0.5f}, out, 1e-6f);
  }

  /// A test view is the middle, resized.
  @Test
  void testViewsAreCentred() {
    Image wide = new Image(1, 3, 1, new byte[] {0, 51, (byte) 255});
    float[] one = new float[1];
    plain(CropTest.view(1, 1, 1, 1), 1, 1, 1).test(wide, one);
    assertEquals(0.2f, one[0]);
    Image two = new Image(2, 2, 1, new byte[] {0, 51, 102, (byte) 153});
    plain(CropTest.view(1, 1, 1, 1), 1, 1, 1).test(two, one);
    assertEquals(0.3f, one[0], 1e-6f);
  }

  static Stream<Arguments> wrong() {
    List<Float> one = List.of(0.5f);
    return Stream.of(
        Arguments.of(0, 1, 1, one, one),
        Arguments.of(1, 1, 2, List.of(1f, 1f), List.of(1f, 1f)),
        Arguments.of(1, 1, 3, one, List.of(1f, 1f, 1f)),
        Arguments.of(1, 1, 1, one, List.of()),
        Arguments.of(1, 1, 1, one, List.of(0f)),
        Arguments.of(1, 1, 1, one, List.of(Float.NaN)),
        Arguments.of(1, 1, 1, List.of(Float.NaN), one));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void sizesAndStatisticsMustFit(
      int height, int width, int channels, List<Float> mean, List<Float> std) {
    View view = Views.supervised().getFirst();
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Augmenter(view, height, width, channels, mean, std));
    assertEquals(
        "[augment] needs at least one pixel, 1 or 3 channels, and a finite mean and a std above 0"
            + " for each; got "
            + height
            + "x"
            + width
            + "x"
            + channels
            + ", mean "
            + mean
            + ", std "
            + std,
        thrown.getMessage());
  }
}
