package ibrik.ssl.augment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.op.ImageOp.Filter;
import ibrik.tensor.op.ImageOp.Jitter;
import ibrik.tensor.random.PhiloxStream;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class CropTest {
  private static final int DRAWS = 4000;

  /// Largest scale at which a crop with ratio up to 4/3 always fits a square.
  private static final View FITS = view(0.1, 0.7, 3.0 / 4, 4.0 / 3);

  static View view(double scaleLow, double scaleHigh, double ratioLow, double ratioHigh) {
    return new View(
        scaleLow,
        scaleHigh,
        ratioLow,
        ratioHigh,
        Filter.BILINEAR,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        Jitter.BYOL,
        0,
        0,
        0.1,
        1,
        0);
  }

  private static Crop draw(View view, int height, int width, int stream) {
    return Crop.draw(view, height, width, new PhiloxStream(3, stream));
  }

  /// Largest distance between the distribution of the draws and the uniform one on [0, 1], against
  /// Kolmogorov's bound at one in a thousand.
  private static void uniform(String name, int side, ToDoubleFunction<Crop> number) {
    double[] draws = new double[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      draws[i] = number.applyAsDouble(draw(FITS, side, side, i));
    }
    Arrays.sort(draws);
    double worst = 0;
    for (int i = 0; i < DRAWS; i++) {
      worst = Math.max(worst, Math.abs(draws[i] - (i + 0.5) / DRAWS));
    }
    double distance = worst;
    assertTrue(distance < 1.95 / Math.sqrt(DRAWS), () -> name + ": " + distance);
  }

  @Test
  void areaRatioAndPlaceAreUniform() {
    int side = 20_000;
    uniform("area", side, c -> ((double) c.height() * c.width() / side / side - 0.1) / 0.6);
    uniform(
        "log ratio",
        side,
        c -> Math.log((double) c.width() / c.height()) / (2 * Math.log(4.0 / 3)) + 0.5);
    uniform("top", side, c -> (c.top() + 0.5) / (side - c.height() + 1));
    uniform("left", side, c -> (c.left() + 0.5) / (side - c.width() + 1));
  }

  @Test
  void cropsLieInside() {
    for (View view : new View[] {view(0.08, 1, 3.0 / 4, 4.0 / 3), view(0.01, 1, 0.01, 100)}) {
      for (int i = 0; i < 500; i++) {
        int height = 1 + i % 37;
        int width = 1 + i % 23;
        Crop c = draw(view, height, width, i);
        assertTrue(c.height() >= 1 && c.width() >= 1 && c.top() >= 0 && c.left() >= 0);
        assertTrue(c.top() + c.height() <= height && c.left() + c.width() <= width);
      }
    }
  }

  @Test
  void sidesThatDoNotFitAreCut() {
    assertEquals(32, draw(view(1, 1, 4, 4), 32, 32, 0).width());
    assertEquals(16, draw(view(1, 1, 4, 4), 32, 32, 0).height());
    assertEquals(32, draw(view(1, 1, 0.25, 0.25), 32, 32, 0).height());
    assertEquals(16, draw(view(1, 1, 0.25, 0.25), 32, 32, 0).width());
  }

  @Test
  void wholeImage() {
    assertEquals(new Crop(0, 0, 13, 13), draw(view(1, 1, 1, 1), 13, 13, 5));
  }

  @Test
  void everyCropDrawsEquallyOften() {
    for (int i = 0; i < 100; i++) {
      PhiloxStream random = new PhiloxStream(3, i);
      Crop.draw(view(0.08, 1, 3.0 / 4, 4.0 / 3), 32, 32, random);
      PhiloxStream other = new PhiloxStream(3, i);
      other.nextDouble();
      other.nextDouble();
      other.nextInt();
      other.nextInt();
      assertEquals(other.nextInt(), random.nextInt());
    }
  }

  @Test
  void centresHaveTheProportionsOfTheView() {
    assertEquals(new Crop(0, 4, 20, 20), Crop.centre(20, 28, 32, 32));
    assertEquals(new Crop(4, 0, 20, 20), Crop.centre(28, 20, 10, 10));
    assertEquals(new Crop(5, 0, 10, 20), Crop.centre(20, 20, 16, 32));
    assertEquals(new Crop(0, 0, 28, 28), Crop.centre(28, 28, 28, 28));
    assertEquals(new Crop(0, 1, 1, 1), Crop.centre(1, 3, 100, 100));
  }
}
