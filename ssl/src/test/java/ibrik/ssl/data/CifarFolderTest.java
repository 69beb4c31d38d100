package ibrik.ssl.data;

import static ibrik.ssl.data.Pictures.dataError;
import static ibrik.ssl.data.Pictures.gzip;
import static ibrik.ssl.data.Pictures.head;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.random.PhiloxStream;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarFolderTest {
  private static final int RECORD = 3073;

  @TempDir Path dir;

  /// Random records: label, then red, green and blue planes.
  private static byte[] records(int count, int seed) {
    PhiloxStream random = new PhiloxStream(seed, 0);
    byte[] bytes = new byte[count * RECORD];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i % RECORD == 0 ? random.nextInt(10) : random.nextInt());
    }
    return bytes;
  }

  /// The strip of the packed layout: R-G, G, B-G of one image below the other.
  private static byte[] strip(byte[] records) {
    int count = records.length / RECORD;
    BufferedImage strip = new BufferedImage(32, 32 * count, BufferedImage.TYPE_3BYTE_BGR);
    for (int i = 0; i < count; i++) {
      for (int p = 0; p < 1024; p++) {
        int red = records[i * RECORD + 1 + p];
        int green = records[i * RECORD + 1 + 1024 + p];
        int blue = records[i * RECORD + 1 + 2048 + p];
        int y = 32 * i + p / 32;
        strip.getRaster().setSample(p % 32, y, 0, red - green & 0xFF);
        strip.getRaster().setSample(p % 32, y, 1, green & 0xFF);
        strip.getRaster().setSample(p % 32, y, 2, blue - green & 0xFF);
      }
    }
    return Pictures.encode("png", strip);
  }

  private static byte[] labels(byte[] records) {
    byte[] labels = new byte[records.length / RECORD];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = records[i * RECORD];
    }
    return labels;
  }

  private void write(String name, byte[] bytes) {
    Pictures.write(dir.resolve(name), bytes);
  }

  /// Five batches of three images and four to test on, in the original layout below `folder`.
  private void original(String folder) {
    for (int k = 1; k <= 5; k++) {
      write(folder + "data_batch_" + k + ".bin", records(3, k));
    }
    write(folder + "test_batch.bin", records(4, 6));
  }

  /// The same images in the packed layout.
  private void packed() {
    for (int k = 1; k <= 5; k++) {
      write("data_batch_" + k + ".png", strip(records(3, k)));
      write("data_batch_" + k + ".labels", labels(records(3, k)));
    }
    write("test_batch_first1000.bin.gz", gzip(records(4, 6)));
  }

  private static Map<String, String> sums() {
    Map<String, String> sums = new HashMap<>();
    for (int k = 1; k <= 5; k++) {
      sums.put("data_batch_" + k + ".bin", Checksums.sha256(records(3, k)));
    }
    sums.put("test_batch.bin", Checksums.gitBlob(records(4, 6)));
    sums.put("test_batch_first1000.bin.gz", Checksums.sha256(records(4, 6)));
    return sums;
  }

  private DataSet open() {
    return CifarFolder.open(dir, sums());
  }

  private String error() {
    return dataError(this::open);
  }

  private static void assertImages(DataSet data) {
    assertEquals(15, data.train().size());
    assertEquals(4, data.test().size());
    for (int i = 0; i < 15; i++) {
      assertImage(records(3, 1 + i / 3), i % 3, data.train(), i);
    }
    for (int i = 0; i < 4; i++) {
      assertImage(records(4, 6), i, data.test(), i);
    }
  }

  private static void assertImage(byte[] records, int record, ImageSet images, int index) {
    assertEquals(records[record * RECORD], images.label(index));
    byte[] pixels = images.image(index).pixels();
    for (int p = 0; p < 1024; p++) {
      for (int c = 0; c < 3; c++) {
        assertEquals(records[record * RECORD + 1 + c * 1024 + p], pixels[3 * p + c]);
      }
    }
  }

  @Test
  void original() {
    original("");
    DataSet data = open();
    assertImages(data);
    assertEquals("cifar10", data.name());
    assertEquals(32, data.height());
    assertEquals(32, data.width());
    assertEquals(3, data.channels());
    assertEquals(List.of(0.4914f, 0.4822f, 0.4465f), data.mean());
    assertEquals(List.of(0.2470f, 0.2435f, 0.2616f), data.std());
    assertEquals(List.of(), data.notes());
    assertEquals(
        List.of(
            "airplane",
            "automobile",
            "bird",
            "cat",
            "deer",
            "dog",
            "frog",
            "horse",
            "ship",
            "truck"),
        data.classNames());
  }

  @Test
  void asUnpackedFromTheArchive() {
    original("cifar-10-batches-bin/");
    assertImages(open());
  }

  @Test
  void packedLayout() {
    packed();
    DataSet data = open();
    assertImages(data);
    assertEquals(
        List.of(
            "of the CIFAR-10 test images, the first 4 are there: they are the official test set"
                + " here"),
        data.notes());
    String packed = data.fingerprint();
    assertEquals(packed, open().fingerprint());
    original("");
    assertEquals(List.of(), open().notes(), "the original goes first");
    assertNotEquals(packed, open().fingerprint(), "another test set");
  }

  @Test
  void classNames() {
    original("");
    write("batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n".getBytes(StandardCharsets.UTF_8));
    assertEquals(List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"), open().classNames());
    write("batches.meta.txt", "a\nb\n".getBytes(StandardCharsets.UTF_8));
    assertEquals(
        dir.resolve("batches.meta.txt") + " must name 10 classes, one a line; it has 2 lines",
        error());
  }

  @Test
  void missingFiles() throws IOException {
    assertEquals(
        "data set cifar10: "
            + dir
            + " holds neither data_batch_1.bin (the original files, also in cifar-10-batches-bin)"
            + " nor data_batch_1.png (the packed ones)",
        error());
    packed();
    Files.delete(dir.resolve("data_batch_2.labels"));
    Files.delete(dir.resolve("data_batch_4.png"));
    assertEquals(
        "data set cifar10: " + dir + " lacks data_batch_2.labels, data_batch_4.png", error());
    original("");
    Files.delete(dir.resolve("data_batch_1.bin"));
    Files.delete(dir.resolve("test_batch.bin"));
    assertEquals("data set cifar10: " + dir + " lacks data_batch_1.bin, test_batch.bin", error());
  }

  @Test
  void checksums() {
    original("");
    byte[] changed = records(3, 3);
    changed[100]++;
    write("data_batch_3.bin", changed);
    assertEquals(
        dir.resolve("data_batch_3.bin")
            + " has SHA-256 "
            + Checksums.sha256(changed)
            + ", expected "
            + Checksums.sha256(records(3, 3))
            + "; the file is damaged or not the original, fetch it again",
        error());
    original("");
    byte[] test = records(4, 6);
    test[RECORD]++;
    write("test_batch.bin", test);
    assertEquals(
        dir.resolve("test_batch.bin")
            + " has git id "
            + Checksums.gitBlob(test)
            + ", expected "
            + Checksums.gitBlob(records(4, 6))
            + "; the file is damaged or not the original, fetch it again",
        error());
  }

  @Test
  void checksumsOfRebuiltRecords() {
    packed();
    byte[] changed = records(3, 2);
    changed[5]++;
    write("data_batch_2.png", strip(changed));
    assertEquals(
        dir.resolve("data_batch_2.png")
            + ": the records rebuilt from it and its labels have SHA-256 "
            + Checksums.sha256(changed)
            + ", expected "
            + Checksums.sha256(records(3, 2))
            + "; the file is damaged or not the original, fetch it again",
        error());
  }

  /// The sums that `open` uses are those of the real files: generated ones fail.
  @Test
  void publishedChecksums() {
    original("");
    assertTrue(
        dataError(() -> CifarFolder.open(dir)).contains("SHA-256"), "generated files are refused");
    assertEquals(7, CifarFolder.PUBLISHED.size());
    assertTrue(
        CifarFolder.PUBLISHED.values().stream()
            .allMatch(s -> s.matches("[0-9a-f]{40}|[0-9a-f]{64}")));
  }

  @Test
  void gitBlob() {
    // As `printf 'hello\n' | git hash-object --stdin` says.
    assertEquals(
        "ce013625030ba8dba906f756967f9e9ca394464a",
        Checksums.gitBlob("hello\n".getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void truncatedFiles() {
    original("");
    write("data_batch_1.bin", head(records(3, 1), 2 * RECORD + 5));
    assertEquals(
        dir.resolve("data_batch_1.bin")
            + " is truncated or no CIFAR binary file: 6151 bytes are no multiple of 3073; fetch it"
            + " again",
        error());
    write("data_batch_1.bin", new byte[0]);
    assertTrue(error().contains(" is truncated or no CIFAR binary file: 0 bytes"), this::error);
    write("data_batch_1.bin", new byte[10_001 * RECORD]);
    assertEquals(
        dir.resolve("data_batch_1.bin") + " is too long: more than 30730000 bytes", error());
  }

  @Test
  void labelsOutOfRange() {
    original("");
    byte[] records = records(3, 1);
    records[2 * RECORD] = (byte) 200;
    write("data_batch_1.bin", records);
    Map<String, String> none = Map.of();
    assertEquals(
        dir.resolve("data_batch_1.bin") + ": label of image 2 is 200, beyond the 10 classes",
        dataError(() -> CifarFolder.open(dir, none)));
  }

  @Test
  void damagedStrips() {
    packed();
    byte[] strip = strip(records(3, 1));
    String png = dir.resolve("data_batch_1.png").toString();
    write("data_batch_1.png", head(strip, strip.length / 2));
    assertTrue(error().startsWith(png + " cannot be decoded: "), this::error);
    write("data_batch_1.png", new byte[0]);
    assertEquals(png + " cannot be decoded: it is empty; fetch it again", error());
    write("data_batch_1.png", Pictures.png(96, 31, 0));
    assertEquals(
        png + " is no strip of 32x32 colour images: it is 31 wide and 96 high with 3 channels",
        error());
    write("data_batch_1.png", Pictures.png(95, 32, 0));
    assertTrue(error().contains("32 wide and 95 high"), this::error);
    write("data_batch_1.png", Pictures.greyPng(96, 32, 0));
    assertTrue(error().contains("with 1 channels"), this::error);
    write("data_batch_1.png", strip);
    write("data_batch_1.labels", new byte[2]);
    assertEquals(
        png
            + " has 3 images, but "
            + dir.resolve("data_batch_1.labels")
            + " has 2 labels; they do not belong together",
        error());
    write("data_batch_1.labels", new byte[10_001]);
    assertEquals(
        dir.resolve("data_batch_1.labels") + " is too long: more than 10000 bytes", error());
  }

  @Test
  void truncatedTestSet() {
    packed();
    write("test_batch_first1000.bin.gz", head(gzip(records(4, 6)), 500));
    assertEquals(
        dir.resolve("test_batch_first1000.bin.gz")
            + " is truncated: its gzip stream ends early; fetch it again",
        error());
  }

  @Test
  void joinedImages() {
    ImageSet a =
        CifarBinary.read(
            "a", records(2, 1), List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
    ImageSet both = new JoinedImages(List.of(a, a.first(0), a.first(1)));
    assertEquals(3, both.size());
    assertEquals(a.label(0), both.label(2));
    assertArrayEquals(a.image(1).pixels(), both.image(1).pixels());
    for (int index : new int[] {-1, 3}) {
      org.junit.jupiter.api.Assertions.assertThrows(
          IndexOutOfBoundsException.class, () -> both.image(index));
    }
  }

  /// Held out is the fifth batch, image for image, and the test batch is not looked at.
  @Test
  void holdoutIsTheFifthBatch() {
    packed();
    DataSet data = open().split(Split.HOLDOUT);
    assertEquals(12, data.train().size());
    assertEquals(3, data.test().size());
    ImageSet fifth = CifarBinary.read("five", records(3, 5), data.classNames());
    ImageSet first = CifarBinary.read("one", records(3, 1), data.classNames());
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(fifth.image(i).pixels(), data.test().image(i).pixels());
      assertEquals(fifth.label(i), data.test().label(i));
      assertArrayEquals(first.image(i).pixels(), data.train().image(i).pixels());
    }
    assertEquals(open().fingerprint() + "/holdout", data.fingerprint());
    assertEquals("12", data.test().name(0));
  }
}
