package ibrik.ssl.data;

import static ibrik.ssl.data.Pictures.dataError;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class EmbeddedSetsTest {
  private static int[] perClass(ImageSet images) {
    int[] counts = new int[images.classNames().size()];
    for (int i = 0; i < images.size(); i++) {
      counts[images.label(i)]++;
    }
    return counts;
  }

  @Test
  void fashion() {
    DataSet data = EmbeddedSets.fashion();
    assertEquals(4000, data.train().size());
    assertEquals(1000, data.test().size());
    assertArrayEquals(
        new int[] {373, 440, 404, 409, 395, 391, 400, 413, 380, 395}, perClass(data.train()));
    assertArrayEquals(
        new int[] {107, 105, 111, 93, 115, 87, 97, 95, 95, 95}, perClass(data.test()));
    assertEquals(28, data.height());
    assertEquals(28, data.width());
    assertEquals(1, data.channels());
    assertEquals(10, data.classNames().size());
    // The constants are those of the full set; this part is close to them.
    ChannelStatistics own = ChannelStatistics.of(data.train());
    assertEquals(data.mean().getFirst(), own.mean().getFirst(), 0.005);
    assertEquals(data.std().getFirst(), own.std().getFirst(), 0.005);
    Image boot = data.train().image(0);
    assertEquals("Ankle boot", data.classNames().get(data.train().label(0)));
    assertEquals(28 * 28, boot.pixels().length);
    assertEquals(76247, sum(boot.pixels()), "the first image of Fashion-MNIST");
  }

  private static int sum(byte[] pixels) {
    int sum = 0;
    for (byte pixel : pixels) {
      sum += pixel & 0xFF;
    }
    return sum;
  }

  @Test
  void cells() throws IOException {
    DataSet data = EmbeddedSets.cells();
    assertEquals(989, data.train().size());
    assertEquals(240, data.test().size());
    assertArrayEquals(new int[] {400, 297, 292}, perClass(data.train()));
    assertArrayEquals(new int[] {100, 71, 69}, perClass(data.test()));
    assertEquals(32, data.height());
    assertEquals(32, data.width());
    assertEquals(3, data.channels());
    assertTrue(data.std().stream().allMatch(std -> std > 0.05 && std < 0.2), () -> "" + data.std());
    try (InputStream names =
        Objects.requireNonNull(
            getClass().getResourceAsStream("/ibrik/data/bccd-cells/classes.txt"))) {
      String text = new String(names.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(text.lines().toList(), data.classNames());
    }
    byte[] record = new EmbeddedFiles("bccd-cells").unpacked("test.bin.gz");
    assertEquals(record[0], data.test().label(0));
    assertEquals(record[1], data.test().image(0).pixels()[0], "red");
    assertEquals(record[1 + 1024], data.test().image(0).pixels()[1], "green");
    assertEquals(record[1 + 2 * 1024 + 33], data.test().image(0).pixels()[33 * 3 + 2], "blue");
  }

  @Test
  void fingerprintsTellTheSetsApart() {
    List<String> prints =
        List.of(EmbeddedSets.fashion().fingerprint(), EmbeddedSets.cells().fingerprint());
    assertEquals(2, prints.stream().distinct().count());
    assertTrue(prints.stream().allMatch(print -> print.matches("[0-9a-f]{64}")));
    assertEquals(prints.getFirst(), EmbeddedSets.fashion().fingerprint());
  }

  @Test
  void damagedInstallations() {
    EmbeddedFiles files = new EmbeddedFiles("damaged");
    assertEquals(
        "embedded changed.gz has SHA-256 5c4d37698ec4cc945136132fd749da22300f090a02592c64e571b3feeb7c35e0,"
            + " expected "
            + "0".repeat(64)
            + "; the installation is damaged, build again",
        dataError(() -> files.unpacked("changed.gz")));
    assertEquals(
        "embedded unlisted.gz has SHA-256 021b30702f5dc14c6fde1e3e519069ecdea85bed4d8715eade2d75430c00a959,"
            + " expected one in SHA256SUMS; the installation"
            + " is damaged, build again",
        dataError(() -> files.unpacked("unlisted.gz")));
    assertEquals(
        "embedded packed.gz cannot be unpacked", dataError(() -> files.unpacked("packed.gz")));
    assertEquals(
        "embedded file /ibrik/data/damaged/none.gz is missing; build again",
        dataError(() -> files.unpacked("none.gz")));
    assertThrows(DataException.class, () -> new EmbeddedFiles("nothing"));
  }
}
