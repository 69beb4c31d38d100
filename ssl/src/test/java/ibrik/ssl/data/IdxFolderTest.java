package ibrik.ssl.data;

import static ibrik.ssl.data.Pictures.dataError;
import static ibrik.ssl.data.Pictures.gzip;
import static ibrik.ssl.data.Pictures.head;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxFolderTest {
  private static final String TRAIN = "train-images-idx3-ubyte";
  private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";

  @TempDir Path dir;

  /// Three images of 2x3 to train on, two to test on.
  @BeforeEach
  void files() {
    write(TRAIN, images(3, 2, 3));
    write(TRAIN_LABELS, labels(7, 0, 9));
    write("t10k-images-idx3-ubyte", images(2, 2, 3));
    write("t10k-labels-idx1-ubyte", labels(1, 1));
  }

  private void write(String name, byte[] bytes) {
    Pictures.write(dir.resolve(name), bytes);
  }

  private void rename(Map<String, String> names) throws IOException {
    for (Map.Entry<String, String> name : names.entrySet()) {
      Files.move(dir.resolve(name.getKey()), dir.resolve(name.getValue()));
    }
  }

  /// Pixel `i` of the file has value `5 i % 256`.
  private static byte[] images(int count, int height, int width) {
    ByteBuffer file = ByteBuffer.allocate(16 + count * height * width);
    file.putInt(2051).putInt(count).putInt(height).putInt(width);
    for (int i = 0; file.hasRemaining(); i++) {
      file.put((byte) (5 * i));
    }
    return file.array();
  }

  private static byte[] labels(int... labels) {
    ByteBuffer file = ByteBuffer.allocate(8 + labels.length);
    file.putInt(2049).putInt(labels.length);
    for (int label : labels) {
      file.put((byte) label);
    }
    return file.array();
  }

  private static byte[] imageHeader(int count, int height, int width) {
    return ByteBuffer.allocate(16).putInt(2051).putInt(count).putInt(height).putInt(width).array();
  }

  private DataSet open() {
    return IdxFolder.open(dir);
  }

  private String error() {
    return dataError(this::open);
  }

  private static List<Integer> labelsOf(ImageSet images) {
    return IntStream.range(0, images.size()).mapToObj(images::label).toList();
  }

  @Test
  void readsPlainFiles() {
    DataSet data = open();
    assertEquals(List.of(7, 0, 9), labelsOf(data.train()));
    assertEquals(List.of(1, 1), labelsOf(data.test()));
    Image image = data.train().image(1);
    assertEquals(2, image.height());
    assertEquals(3, image.width());
    assertEquals(1, image.channels());
    assertArrayEquals(new byte[] {30, 35, 40, 45, 50, 55}, image.pixels());
    assertEquals(2, data.height());
    assertEquals(3, data.width());
    assertEquals(1, data.channels());
    assertEquals(List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"), data.classNames());
    // 0, 5, ..., 85 of 255: mean 42.5, variance 25 * (18^2 - 1) / 12.
    assertEquals(42.5 / 255, data.mean().getFirst(), 1e-6);
    assertEquals(Math.sqrt(25 * 323 / 12.0) / 255, data.std().getFirst(), 1e-6);
  }

  @Test
  void readsPackedFilesAndOtherNames() throws IOException {
    DataSet plain = open();
    write(TRAIN + ".gz", gzip(images(3, 2, 3)));
    Files.delete(dir.resolve(TRAIN));
    assertEquals(plain.fingerprint(), open().fingerprint(), "packing is no change");
    rename(
        Map.of(
            TRAIN + ".gz",
            "train-first3-images-idx3-ubyte.gz",
            TRAIN_LABELS,
            "train-first3-labels-idx1-ubyte",
            "t10k-images-idx3-ubyte",
            "test.images.idx3-ubyte",
            "t10k-labels-idx1-ubyte",
            "test.labels.idx1-ubyte"));
    DataSet renamed = open();
    assertEquals(labelsOf(plain.train()), labelsOf(renamed.train()));
    assertArrayEquals(plain.test().image(1).pixels(), renamed.test().image(1).pixels());
    assertNotEquals(plain.fingerprint(), renamed.fingerprint(), "names count");
  }

  @Test
  void fingerprintFollowsTheContent() {
    String before = open().fingerprint();
    write(TRAIN_LABELS, labels(7, 0, 8));
    assertNotEquals(before, open().fingerprint());
  }

  @Test
  void classNames() {
    write("classes.txt", "a\n b \n\nc\n".getBytes(StandardCharsets.UTF_8));
    write(TRAIN_LABELS, labels(2, 0, 1));
    assertEquals(List.of("a", "b", "c"), open().classNames());
    write(TRAIN_LABELS, labels(2, 0, 3));
    assertEquals(dir.resolve(TRAIN_LABELS) + ": label 2 is 3, beyond the 3 classes", error());
  }

  /// Sorted by class, a set is shuffled, the same way each time; else it keeps its order.
  @Test
  void mixesWhatIsSorted() {
    int[] sorted = IntStream.range(0, 200).map(i -> i / 20).toArray();
    write(TRAIN, images(200, 2, 3));
    write(TRAIN_LABELS, labels(sorted));
    ImageSet mixed = open().train();
    assertEquals(10, labelsOf(mixed.first(60)).stream().distinct().count());
    assertEquals(labelsOf(mixed), labelsOf(open().train()));
    for (int i = 0; i < 200; i++) {
      // Image 20 k + j begins with byte 30 (20 k + j).
      byte first = mixed.image(i).pixels()[0];
      int label = mixed.label(i);
      assertTrue(
          IntStream.range(20 * label, 20 * label + 20).anyMatch(n -> (byte) (30 * n) == first));
    }
    int[] almost = sorted.clone();
    almost[199] = 0;
    write(TRAIN_LABELS, labels(almost));
    assertEquals(Arrays.stream(almost).boxed().toList(), labelsOf(open().train()));
  }

  @Test
  void missingFiles() throws IOException {
    Files.delete(dir.resolve(TRAIN_LABELS));
    assertEquals(
        "data set idx: "
            + dir
            + " has no labels for train-images-idx3-ubyte; looked for"
            + " train-labels-idx1-ubyte[.gz]",
        error());
    Files.delete(dir.resolve("t10k-images-idx3-ubyte"));
    assertEquals(
        "data set idx: "
            + dir
            + " has no test images; looked for t10k*-images-idx3-ubyte[.gz] or"
            + " test*-images-idx3-ubyte[.gz]",
        error());
    Files.delete(dir.resolve(TRAIN));
    assertEquals(
        "data set idx: "
            + dir
            + " has no training images; looked for train*-images-idx3-ubyte[.gz]",
        error());
  }

  @Test
  void severalFiles() throws IOException {
    write("train-a-images-idx3-ubyte", images(1, 2, 3));
    assertEquals(3, open().train().size(), "the plain name wins");
    rename(Map.of(TRAIN, "train-b-images-idx3-ubyte"));
    assertEquals(
        "data set idx: "
            + dir
            + " has several files of training images: train-a-images-idx3-ubyte,"
            + " train-b-images-idx3-ubyte; keep one",
        error());
  }

  @Test
  void damagedFiles() {
    String name = dir.resolve(TRAIN).toString();
    write(TRAIN, head(images(3, 2, 3), 20));
    assertEquals(name + " is truncated: 20 bytes, expected 34; fetch it again", error());
    write(TRAIN, head(images(3, 2, 3), 15));
    assertEquals(
        name + " is truncated: 15 bytes, the header alone has 16; fetch it again", error());
    write(TRAIN, new byte[0]);
    assertEquals(name + " is truncated: 0 bytes, the header alone has 16; fetch it again", error());
    write(TRAIN, head(images(3, 2, 3), 40));
    assertEquals(name + " is too long: 35 bytes, expected 34; fetch it again", error());
    write(TRAIN, labels(1, 2, 3, 4, 5, 6, 7, 8));
    assertEquals(
        name + " is no IDX file of this kind: it starts with 2049, expected 2051", error());
    for (int[] size :
        new int[][] {
          {-1, 2, 3}, {0, 2, 3}, {3, 0, 3}, {3, 2, -3}, {3, 5000, 3}, {2_000_000_000, 4096, 4096}
        }) {
      write(TRAIN, imageHeader(size[0], size[1], size[2]));
      assertEquals(
          name
              + ": header asks for "
              + size[0]
              + " images of "
              + size[1]
              + "x"
              + size[2]
              + "; the file is damaged, fetch it again",
          error());
    }
    write(TRAIN, imageHeader(1_000_000, 28, 28));
    assertEquals(name + " is truncated: 16 bytes, expected 784000016; fetch it again", error());
  }

  @Test
  void damagedLabels() {
    String name = dir.resolve(TRAIN_LABELS).toString();
    write(TRAIN_LABELS, labels(1, 2));
    assertEquals(
        dir.resolve(TRAIN)
            + " has 3 images, but "
            + name
            + " has 2 labels; they do not belong together",
        error());
    write(TRAIN_LABELS, head(labels(1, 2, 3), 10));
    assertEquals(name + " is truncated: 10 bytes, expected 11; fetch it again", error());
    write(TRAIN_LABELS, labels(1, 2, 200));
    assertEquals(name + ": label 2 is 200, beyond the 10 classes", error());
    write(TRAIN_LABELS, ByteBuffer.allocate(8).putInt(2049).putInt(-5).array());
    assertEquals(
        name + ": header asks for -5 labels; the file is damaged, fetch it again", error());
    write(TRAIN_LABELS, ByteBuffer.allocate(8).putInt(2049).putInt(Integer.MAX_VALUE).array());
    assertEquals(name + " is truncated: 8 bytes, expected 2147483655; fetch it again", error());
  }

  @Test
  void damagedPacking() throws IOException {
    Files.delete(dir.resolve(TRAIN));
    String name = dir.resolve(TRAIN + ".gz").toString();
    byte[] packed = gzip(images(3, 2, 3));
    write(TRAIN + ".gz", head(packed, packed.length - 12));
    assertEquals(name + " is truncated: its gzip stream ends early; fetch it again", error());
    write(TRAIN + ".gz", images(3, 2, 3));
    assertEquals(name + " cannot be unpacked: Not in GZIP format; fetch it again", error());
    // A few kilobytes that unpack to 8 MB: no more is unpacked than announced, and one byte.
    write(TRAIN + ".gz", gzip(head(images(3, 2, 3), 1 << 23)));
    assertEquals(name + " is too long: 35 bytes, expected 34; fetch it again", error());
  }

  @Test
  void sizesThatDiffer() {
    write("t10k-images-idx3-ubyte", images(2, 3, 2));
    assertEquals(
        "data set idx: training images are 2x3, test images 3x2; train-images-idx3-ubyte and"
            + " t10k-images-idx3-ubyte do not belong together",
        error());
  }

  @Test
  void notAFile() throws IOException {
    Files.delete(dir.resolve(TRAIN));
    Files.createDirectory(dir.resolve(TRAIN));
    assertTrue(error().startsWith(dir.resolve(TRAIN) + " cannot be read: "), this::error);
  }

  @Property(tries = 100)
  void whatIsWrittenIsRead(
      @ForAll @Size(min = 1, max = 20) List<@IntRange(max = 9) Integer> labels,
      @ForAll @IntRange(min = 1, max = 5) int height,
      @ForAll @IntRange(min = 1, max = 5) int width) {
    int count = labels.size();
    byte[] images = images(count, height, width);
    List<String> names = IntStream.range(0, 10).mapToObj(String::valueOf).toList();
    ImageSet read =
        Idx.read("i", images, "l", labels(labels.stream().mapToInt(i -> i).toArray()), names);
    assertEquals(labels, labelsOf(read));
    for (int i = 0; i < count; i++) {
      int from = 16 + i * height * width;
      assertArrayEquals(
          Arrays.copyOfRange(images, from, from + height * width), read.image(i).pixels());
    }
  }
}
