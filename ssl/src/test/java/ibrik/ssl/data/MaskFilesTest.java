package ibrik.ssl.data;

import static ibrik.ssl.data.Pictures.dataError;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.augment.BorderSaliency;
import ibrik.ssl.augment.NoSaliency;
import ibrik.ssl.augment.View;
import ibrik.tensor.op.ImageOp.Filter;
import ibrik.tensor.op.ImageOp.Jitter;
import java.awt.image.BufferedImage;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Masks of files, and what they do to views.
class MaskFilesTest {
  private static final int SIDE = 8;

  @TempDir Path dir;

  private static MemoryImages images(int count) {
    byte[] pixels = new byte[count * SIDE * SIDE];
    Arrays.fill(pixels, (byte) 255);
    return new MemoryImages(SIDE, SIDE, 1, pixels, new int[count], List.of("a", "b"));
  }

  private static DataSet data(int count) {
    return new DataSet(
        "x", images(count), images(1), SIDE, SIDE, 1, List.of(0f), List.of(1f), "print");
  }

  /// White where `x < columns`, on grey of 127, which is not yet half.
  private void mask(String name, int height, int width, int columns) {
    BufferedImage mask = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        mask.getRaster().setSample(x, y, 0, x < columns ? 128 : 127);
      }
    }
    Pictures.write(dir.resolve(name), Pictures.encode("png", mask));
  }

  @Test
  void everyImageHasItsOwn() {
    ImageSet images = images(3);
    for (int i = 0; i < 3; i++) {
      mask(i + ".png", SIDE, SIDE, 2 * i);
    }
    MaskFiles masks = MaskFiles.open(dir, images);
    assertNull(masks.of(images.image(0), "0"), "less than a hundredth is no subject");
    boolean[] two = masks.of(images.image(2), "2");
    boolean[] want = new boolean[SIDE * SIDE];
    for (int i = 0; i < want.length; i++) {
      want[i] = i % SIDE < 4;
    }
    assertArrayEquals(want, two);
  }

  /// A part of a set goes by the names of the whole.
  @Test
  void partsKeepTheirNames() {
    ImageSet images = images(5).select(new int[] {4, 2});
    assertEquals("4", images.name(0));
    assertEquals("2", images.first(2).name(1));
    mask("4.png", SIDE, SIDE, 1);
    String missing = dataError(() -> MaskFiles.open(dir, images));
    assertTrue(missing.contains("has none for 1 of 2 training images; the first is"), missing);
    assertTrue(missing.contains("2.png"), missing);
    mask("2.png", SIDE, SIDE, 8);
    MaskFiles.open(dir, images);
  }

  @Test
  void aMaskOfAnotherSize() {
    mask("0.png", SIDE, SIDE - 1, 2);
    String got = dataError(() -> MaskFiles.open(dir, images(1)));
    assertTrue(got.contains("0.png is no mask of image 0: it is 8x7, the image 8x8"), got);
    Pictures.write(dir.resolve("0.png"), new byte[] {1, 2, 3});
    assertTrue(dataError(() -> MaskFiles.open(dir, images(1))).contains("cannot be decoded"));
    assertTrue(dataError(() -> data(1).subjects(dir + "/none")).contains("does not exist"));
  }

  @Test
  void masksCountForTheFingerprint() {
    mask("0.png", SIDE, SIDE, 2);
    String two = data(1).subjects(dir.toString()).fingerprint();
    assertTrue(two.startsWith("print/masks-"), two);
    mask("0.png", SIDE, SIDE, 3);
    assertNotEquals(two, data(1).subjects(dir.toString()).fingerprint());
    assertEquals("print", data(1).subjects("border").fingerprint());
    assertEquals(new BorderSaliency(), data(1).subjects("border").saliency());
    assertEquals(new NoSaliency(), data(1).subjects("none").saliency());
  }

  /// The loader greys what the mask of each image leaves out: the whole of white images but for `2
  /// + i` columns. With no saliency nothing.
  @Test
  void viewsOfALoader() {
    for (int i = 0; i < 4; i++) {
      mask(i + ".png", SIDE, SIDE, 2 + i);
    }
    assertEquals(List.of(2, 3, 4, 5), whiteColumns(data(4).subjects(dir.toString())));
    assertEquals(List.of(8, 8, 8, 8), whiteColumns(data(4).subjects("none")));
  }

  private static List<Integer> whiteColumns(DataSet data) {
    View plain =
        new View(1, 1, 1, 1, Filter.BILINEAR, 0, 0, 0, 0, 0, 0, 0, Jitter.BYOL, 0, 0, 0.1, 1, 0);
    Integer[] white = new Integer[4];
    BatchLoader.Plan plan = BatchLoader.Plan.of(data, List.of(plain.masked(1)), 4, 3);
    try (BatchLoader loader = new BatchLoader(plan, 0, 0)) {
      Batch batch = loader.next();
      float[] view = batch.views().getFirst().toArray(ValueLayout.JAVA_FLOAT);
      for (int i = 0; i < 4; i++) {
        int count = 0;
        for (int x = 0; x < SIDE; x++) {
          count += view[i * SIDE * SIDE + x] == 1 ? 1 : 0;
        }
        white[batch.indices()[i]] = count;
      }
    }
    return List.of(white);
  }
}
