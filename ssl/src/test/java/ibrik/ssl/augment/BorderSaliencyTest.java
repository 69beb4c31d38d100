package ibrik.ssl.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import ibrik.ssl.data.Image;
import ibrik.tensor.op.ImageOp.Filter;
import ibrik.tensor.op.ImageOp.Jitter;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// [BorderSaliency], and what an [Augmenter] makes of a mask.
class BorderSaliencyTest {
  /// A square of `side` pixels at (2, 3) on a background with some texture.
  private static Image square(int side) {
    byte[] pixels = new byte[12 * 10 * 3];
    for (int i = 0; i < 120; i++) {
      boolean inside = square(i, side);
      pixels[3 * i] = (byte) (inside ? 220 : 30 + i % 3);
      pixels[3 * i + 1] = (byte) (inside ? 40 : 120);
      pixels[3 * i + 2] = (byte) (inside ? 60 : 90);
    }
    return new Image(12, 10, 3, pixels);
  }

  private static boolean square(int i, int side) {
    int y = i / 10 - 2;
    int x = i % 10 - 3;
    return y >= 0 && y < side && x >= 0 && x < side;
  }

  @Test
  void findsTheSquare() {
    boolean[] want = new boolean[120];
    for (int i = 0; i < 120; i++) {
      want[i] = square(i, 4);
    }
    assertArrayEquals(want, new BorderSaliency().of(square(4)));
  }

  /// Nothing stands out; a single pixel of 120 is below 1 % of the area.
  @Test
  void noSubject() {
    byte[] flat = new byte[48];
    Arrays.fill(flat, (byte) 77);
    assertNull(new BorderSaliency().of(new Image(4, 4, 3, flat)));
    assertNull(new BorderSaliency().of(square(1)));
  }

  /// Between 3 and 200 there is a gap; the first threshold of the best ones counts.
  @Test
  void otsuSplitsInTheGap() {
    assertEquals(3, BorderSaliency.otsu(new int[] {1, 2, 3, 2, 200, 210, 205}));
    assertEquals(0, BorderSaliency.otsu(new int[] {0, 0, 0}));
  }

  /// Diagonal neighbours are apart; rows do not run on into the next.
  @Test
  void theLargestPart() {
    boolean[] set = {
      true, false, true, //
      false, true, true, //
      true, false, false,
    };
    boolean[] part = new boolean[9];
    assertEquals(3, BorderSaliency.largest(set, 3, part));
    boolean[] want = {false, false, true, false, true, true, false, false, false};
    assertArrayEquals(want, part);
    assertEquals(0, BorderSaliency.largest(new boolean[9], 3, part));
    assertArrayEquals(new boolean[9], part);
  }

  private static float[] view(double mask, Saliency saliency) {
    View plain =
        new View(
            1,
            1,
            10.0 / 12,
            10.0 / 12,
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
    Augmenter maker =
        new Augmenter(
            plain.masked(mask), 12, 10, 3, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f), saliency);
    float[] out = new float[maker.size()];
    maker.apply(square(4), Augmenter.stream(1, 0, 0, 0), out);
    return out;
  }

  /// The background becomes 0.5, the subject stays; without a subject all stays, and so it does
  /// without masks.
  @Test
  void theBackgroundTurnsGrey() {
    float[] masked = view(1, new BorderSaliency());
    float[] whole = view(0, new BorderSaliency());
    for (int i = 0; i < masked.length; i++) {
      assertEquals(square(i / 3, 4) ? whole[i] : 0.5f, masked[i], 1e-6f);
    }
    assertArrayEquals(whole, view(1, (image, name) -> null));
    assertEquals(0.5f, view(1, (image, name) -> new boolean[120])[0]);
  }

  /// A recipe without masks draws what it drew before there were any.
  @Test
  void masksDoNotShiftOtherNumbers() {
    Image image = square(4);
    float[] a = AugmenterTest.apply(Views.byol().getFirst(), image, 12, 10, 3, 0);
    float[] b = AugmenterTest.apply(Views.byol().getFirst().masked(0), image, 12, 10, 3, 0);
    assertArrayEquals(a, b);
  }
}
