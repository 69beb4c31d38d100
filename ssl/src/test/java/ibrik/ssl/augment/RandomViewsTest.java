package ibrik.ssl.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.data.Image;
import ibrik.tensor.op.ImageOp.Filter;
import ibrik.tensor.op.ImageOp.Jitter;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class RandomViewsTest {
  private static Arbitrary<Double> share() {
    return Arbitraries.doubles().between(0, 1);
  }

  @Provide
  Arbitrary<View> views() {
    Arbitrary<double[]> crop =
        Combinators.combine(
                Arbitraries.doubles().between(0.01, 1),
                share(),
                Arbitraries.doubles().between(0.1, 1))
            .as((low, more, ratio) -> new double[] {low, low + (1 - low) * more, ratio});
    Arbitrary<double[]> colour =
        Combinators.combine(share(), share(), share(), Arbitraries.doubles().between(0, 0.5))
            .as((b, c, s, h) -> new double[] {b, c, s, h});
    Arbitrary<double[]> often =
        Combinators.combine(share(), share(), share(), share(), share())
            .as((f, j, g, b, s) -> new double[] {f, j, g, b, s});
    return Combinators.combine(
            crop,
            colour,
            often,
            Arbitraries.of(Filter.class),
            Arbitraries.of(Jitter.class),
            Arbitraries.integers().between(0, 3))
        .as(
            (k, c, p, filter, style, pad) ->
                new View(
                    k[0], k[1], k[2], 1 / k[2], filter, pad, p[0], p[1], c[0], c[1], c[2], c[3],
                    style, p[2], p[3], 0, 3, p[4]));
  }

  @Property(tries = 300)
  void viewsStayInRange(
      @ForAll("views") View view,
      @ForAll @IntRange(min = 1, max = 40) int height,
      @ForAll @IntRange(min = 1, max = 40) int width,
      @ForAll boolean colour,
      @ForAll @IntRange(min = 0, max = 1000) int index) {
    Image image = AugmenterTest.image(23, 31, colour ? 3 : 1);
    float[] out = AugmenterTest.apply(view, image, height, width, index, 0);
    for (float value : out) {
      assertTrue(value >= 0 && value <= 1, () -> "got " + value);
    }
    assertArrayEquals(out, AugmenterTest.apply(view, image, height, width, index, 0), 0f);
  }

  /// Without strength, every change but crop and flip changes no bit, however often it comes.
  @Property(tries = 100)
  void noStrengthNoChange(
      @ForAll("views") View view, @ForAll @IntRange(min = 0, max = 1000) int index) {
    Image image = AugmenterTest.image(12, 12, 3);
    View still =
        new View(
            view.cropScaleLow(),
            view.cropScaleHigh(),
            view.cropRatioLow(),
            view.cropRatioHigh(),
            view.filter(),
            view.padCrop(),
            view.flip(),
            1,
            0,
            0,
            0,
            0,
            view.style(),
            0,
            1,
            0,
            0,
            0);
    View none =
        new View(
            view.cropScaleLow(),
            view.cropScaleHigh(),
            view.cropRatioLow(),
            view.cropRatioHigh(),
            view.filter(),
            view.padCrop(),
            view.flip(),
            0,
            0,
            0,
            0,
            0,
            view.style(),
            0,
            0,
            0,
            0,
            0);
    assertArrayEquals(
        AugmenterTest.apply(none, image, 24, 24, index, 0),
        AugmenterTest.apply(still, image, 24, 24, index, 0),
        0f);
  }

  /// A view that always flips mirrors the view that never does, whatever the crop; mirrored again
  /// it is the same.
  @Property(tries = 100)
  void flippingTwiceIsNothing(@ForAll @IntRange(min = 0, max = 1000) int index) {
    Image image = AugmenterTest.image(17, 14, 3);
    float[] plain = AugmenterTest.apply(flips(0), image, 11, 13, index, 0);
    float[] flipped = AugmenterTest.apply(flips(1), image, 11, 13, index, 0);
    assertFalse(Arrays.equals(plain, flipped));
    for (int i = 0; i < plain.length; i++) {
      int mirror = (i / 39 * 13 + 12 - i / 3 % 13) * 3 + i % 3;
      assertEquals(plain[i], flipped[mirror]);
    }
  }

  private static View flips(double probability) {
    return new View(
        0.2, 1, 0.5, 2, Filter.BICUBIC, 0, probability, 0, 0, 0, 0, 0, Jitter.BYOL, 0, 0, 0, 0, 0);
  }

  @Property(tries = 100)
  void otherViewsOtherBits(@ForAll @IntRange(min = 0, max = 1000) int index) {
    Image image = AugmenterTest.image(32, 32, 3);
    View view = Views.byolCifar().getFirst();
    assertFalse(
        Arrays.equals(
            AugmenterTest.apply(view, image, 32, 32, index, 0),
            AugmenterTest.apply(view, image, 32, 32, index, 1)));
  }
}
