package ibrik.ssl.data;

import static ibrik.ssl.data.Pictures.dataError;
import static ibrik.ssl.data.Pictures.head;
import static ibrik.ssl.data.Pictures.jpeg;
import static ibrik.ssl.data.Pictures.png;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
  private static final long MANY = 1L << 40;

  /// Everything is held and decoded; all is read again from disk; and neither is done.
  private static final List<ImageFolder.Limits> ALL_LIMITS =
      List.of(
          new ImageFolder.Limits(MANY, MANY, MANY),
          new ImageFolder.Limits(0, MANY, MANY),
          new ImageFolder.Limits(0, 0, MANY));

  @TempDir Path temp;

  private Path dir() {
    return temp.resolve("set");
  }

  private void write(String path, byte[] bytes) {
    Pictures.write(dir().resolve(path), bytes);
  }

  private DataSet open() {
    return ImageFolder.open(dir(), false, 0);
  }

  /// Labels with how often each occurs.
  private static String counts(ImageSet images) {
    TreeMap<Integer, Integer> counts = new TreeMap<>();
    for (int i = 0; i < images.size(); i++) {
      counts.merge(images.label(i), 1, Integer::sum);
    }
    return counts.toString();
  }

  private static List<Integer> labels(ImageSet images) {
    return IntStream.range(0, images.size()).mapToObj(images::label).toList();
  }

  private void trainAndTest() {
    for (int i = 0; i < 4; i++) {
      write("train/ant/" + i + ".png", png(8, 8, i));
      write("train/bee/" + i + ".jpg", jpeg(8, 8, 10 * i, 0, 0));
    }
    write("test/ant/9.PNG", png(8, 8, 9));
    write("test/bee/8.JPEG", jpeg(8, 8, 0, 80, 0));
    write("test/bee/9.jpeg", jpeg(8, 8, 0, 0, 90));
  }

  @Test
  void trainAndTestFolders() {
    trainAndTest();
    for (ImageFolder.Limits limits : ALL_LIMITS) {
      DataSet data = ImageFolder.open(dir(), true, 0, limits);
      assertEquals("folder", data.name());
      assertEquals(List.of("ant", "bee"), data.classNames());
      assertEquals("{0=4, 1=4}", counts(data.train()));
      assertEquals("{0=1, 1=2}", counts(data.test()));
      assertEquals(8, data.height());
      assertEquals(8, data.width());
      assertEquals(3, data.channels());
      assertEquals(List.of(), data.notes());
      int ant = labels(data.test()).indexOf(0);
      assertArrayEquals(Pictures.pixels(8, 8, 3, 9), data.test().image(ant).pixels());
      ChannelStatistics statistics = ChannelStatistics.of(data.train());
      assertEquals(statistics.mean(), data.mean());
      assertEquals(statistics.std(), data.std());
    }
  }

  /// One zip file of the folder: the same set, with the same fingerprint.
  @Test
  void zipFiles() throws IOException {
    trainAndTest();
    DataSet folder = open();
    Path zip = zip("set.zip", "");
    for (ImageFolder.Limits limits : ALL_LIMITS) {
      DataSet data = ImageFolder.open(zip, true, 0, limits);
      assertEquals(folder.fingerprint(), data.fingerprint());
      assertEquals(labels(folder.train()), labels(data.train()));
      for (int i = 0; i < data.train().size(); i++) {
        assertArrayEquals(folder.train().image(i).pixels(), data.train().image(i).pixels());
      }
    }
    Files.move(zip, temp.resolve("set.Zip"));
    DataSet wrapped = ImageFolder.open(zip("other.zip", "around/it/"), true, 0);
    assertEquals(List.of("ant", "bee"), wrapped.classNames());
    assertEquals(labels(folder.train()), labels(wrapped.train()));
    assertEquals(8, ImageFolder.open(temp.resolve("set.Zip"), true, 0).train().size());
  }

  private Path zip(String name, String prefix) throws IOException {
    Path zip = temp.resolve(name);
    try (Stream<Path> files = Files.walk(dir());
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String path = dir().relativize(file).toString().replace('\\', '/');
        out.putNextEntry(new ZipEntry(prefix + path));
        out.write(Files.readAllBytes(file));
      }
    }
    return zip;
  }

  @Test
  void badZipFiles() throws IOException {
    trainAndTest();
    Path zip = zip("set.zip", "");
    ImageFolder.Limits small = new ImageFolder.Limits(MANY, MANY, 100);
    String error = dataError(() -> ImageFolder.open(zip, false, 0, small));
    assertTrue(
        error.matches(
            "data set folder: the images in .*set\\.zip have \\d+ bytes, and those of a zip file"
                + " are held in memory, of which 100 may be used; unpack it, and give the folder"),
        error);
    byte[] bytes = Files.readAllBytes(zip);
    Files.write(zip, head(bytes, bytes.length / 2));
    assertEquals(
        zip + " cannot be read: zip END header not found",
        dataError(() -> ImageFolder.open(zip, false, 0)));
    Path text = temp.resolve("text.zip");
    Files.writeString(text, "nothing of the kind");
    assertTrue(
        dataError(() -> ImageFolder.open(text, false, 0)).startsWith(text + " cannot be read: "));
  }

  @Test
  void hiddenAndOtherFilesAreIgnored() {
    trainAndTest();
    String before = open().fingerprint();
    write("train/ant/.hidden.png", png(9, 9, 0));
    write(".git/ant/1.png", png(9, 9, 0));
    write("__MACOSX/train/ant/1.png", png(9, 9, 0));
    write("train/bee/readme.txt", new byte[10]);
    write("train/bee/list.png.txt", new byte[10]);
    write("classes.csv", new byte[10]);
    DataSet data = open();
    assertEquals(before, data.fingerprint());
    assertEquals(List.of(), data.notes());
    assertEquals("{0=4, 1=4}", counts(data.train()));
  }

  @Test
  void fingerprintFollowsNamesAndContent() throws IOException {
    trainAndTest();
    String before = open().fingerprint();
    assertEquals(before, open().fingerprint());
    Files.move(dir().resolve("train/ant/0.png"), dir().resolve("train/ant/5.png"));
    String renamed = open().fingerprint();
    assertNotEquals(before, renamed);
    write("train/ant/5.png", png(8, 8, 200));
    assertNotEquals(renamed, open().fingerprint());
    assertTrue(before.matches("[0-9a-f]{64}"));
  }

  /// 5 + 40 + 1 + 24 images by class: 1 + 4 + 0 + 2 are held out, the same each time.
  @Test
  void holdsOutATenthOfEachClass() {
    int[] sizes = {5, 40, 1, 24};
    for (int c = 0; c < 4; c++) {
      for (int i = 0; i < sizes[c]; i++) {
        write("class" + c + "/" + i + ".png", png(4, 4, 40 * c + i));
      }
    }
    DataSet data = open();
    assertEquals("{0=1, 1=4, 3=2}", counts(data.test()));
    assertEquals("{0=4, 1=36, 2=1, 3=22}", counts(data.train()));
    assertEquals(
        List.of("no test set: 7 of 70 images, a tenth of each class, are held out as the test set"),
        data.notes());
    // Every image is on one side: seeds name them.
    List<Integer> seeds =
        Stream.of(data.train(), data.test())
            .flatMap(set -> IntStream.range(0, set.size()).mapToObj(set::image))
            .map(image -> image.pixels()[0] & 0xFF)
            .sorted()
            .toList();
    List<Integer> all =
        IntStream.range(0, 4)
            .boxed()
            .flatMap(c -> IntStream.range(0, sizes[c]).mapToObj(i -> 40 * c + i))
            .sorted()
            .toList();
    assertEquals(all, seeds);
    DataSet again = open();
    assertEquals(labels(data.train()), labels(again.train()));
    assertArrayEquals(data.test().image(3).pixels(), again.test().image(3).pixels());
  }

  /// The first images of a set are a fair sample, though files are sorted by class.
  @Test
  void firstImagesAreOfAllClasses() {
    for (int c = 0; c < 4; c++) {
      for (int i = 0; i < 50; i++) {
        write("train/" + c + "/" + i + ".png", png(2, 2, i));
        write("test/" + c + "/" + i + ".png", png(2, 2, i));
      }
    }
    DataSet data = open();
    for (ImageSet few : List.of(data.limit(60).train(), data.test().first(60))) {
      int[] counts = new int[4];
      labels(few).forEach(label -> counts[label]++);
      assertTrue(
          Arrays.stream(counts).allMatch(count -> count >= 8), () -> Arrays.toString(counts));
    }
  }

  @Test
  void withoutLabels() {
    for (int i = 0; i < 10; i++) {
      write(i + ".png", png(4, 4, i));
    }
    DataSet data = open();
    assertEquals("{-1=9}", counts(data.train()));
    assertEquals("{-1=1}", counts(data.test()));
    assertEquals(List.of(), data.classNames());
    assertEquals(
        List.of("no test set: 1 of 10 images, a tenth, are held out as the test set"),
        data.notes());
  }

  @Test
  void tooFewImages() throws IOException {
    write("1.png", png(4, 4, 0));
    assertEquals(
        "data set folder: 1 image in "
            + dir()
            + " that can be decoded; that is too few to train on some and test on others",
        dataError(this::open));
    write("a/1.png", png(4, 4, 0));
    write("b/1.png", png(4, 4, 0));
    Files.delete(dir().resolve("1.png"));
    assertTrue(dataError(this::open).contains("too few"), "one of each class: none held out");
    write("a/1.png", new byte[3]);
    write("b/1.png", new byte[3]);
    assertTrue(dataError(this::open).startsWith("data set folder: 0 images in "));
    Files.delete(dir().resolve("a/1.png"));
    Files.delete(dir().resolve("b/1.png"));
    assertTrue(dataError(this::open).startsWith("data set folder: no JPEG or PNG images in "));
  }

  @Test
  void emptyClassFolder() throws IOException {
    trainAndTest();
    Files.createDirectories(dir().resolve("train/cow/old"));
    DataSet data = open();
    assertEquals(List.of("ant", "bee"), data.classNames());
    assertEquals(List.of("no class: folders without images: cow"), data.notes());
  }

  @Test
  void sizes() {
    trainAndTest();
    assertEquals(48, ImageFolder.open(dir(), false, 48).height());
    write("train/ant/4.png", png(20, 6, 0));
    DataSet data = open();
    assertEquals(224, data.height());
    assertEquals(224, data.width());
    assertEquals(
        List.of(
            "images have 8 to 20 rows and 6 to 8 columns: views are 224x224; choose with"
                + " --image-size"),
        data.notes());
    DataSet chosen = ImageFolder.open(dir(), false, 48);
    assertEquals(48, chosen.width());
    assertEquals(List.of(), chosen.notes());
    assertEquals(
        List.of(6, 8),
        IntStream.range(0, data.train().size())
            .mapToObj(i -> data.train().image(i).width())
            .distinct()
            .sorted()
            .toList(),
        "images keep their own sizes");
  }

  @Test
  void oblongImagesOfOneSize() {
    write("1.png", png(4, 6, 0));
    write("2.png", png(4, 6, 0));
    assertEquals(4, open().height());
    assertEquals(6, open().width());
  }

  @Test
  void greyImages() {
    for (int i = 0; i < 4; i++) {
      write("a/" + i + ".png", Pictures.greyPng(4, 4, i));
      write("b/" + i + ".png", Pictures.greyPng(4, 4, i));
    }
    for (ImageFolder.Limits limits : ALL_LIMITS) {
      DataSet grey = ImageFolder.open(dir(), true, 0, limits);
      assertEquals(1, grey.channels());
      assertEquals(1, grey.train().image(0).channels());
      assertEquals(1, grey.mean().size());
    }
    write("b/5.png", png(4, 4, 0));
    for (ImageFolder.Limits limits : ALL_LIMITS) {
      DataSet mixed = ImageFolder.open(dir(), true, 0, limits);
      assertEquals(3, mixed.channels());
      assertEquals(3, mixed.mean().size());
      assertTrue(mixed.mean().stream().allMatch(mean -> mean > 0.1 && mean < 0.9));
    }
  }

  private void damage() {
    trainAndTest();
    byte[] jpeg = jpeg(64, 64);
    write("train/ant/cut.jpg", head(jpeg, jpeg.length / 2));
    write("train/bee/empty.png", new byte[0]);
    write("test/ant/text.png", "no image".getBytes(StandardCharsets.UTF_8));
  }

  /// Whether all pixels are decoded at opening or only ends are looked at: truncated files are
  /// found.
  @Test
  void skipsWhatCannotBeDecoded() {
    trainAndTest();
    String sound = open().fingerprint();
    damage();
    for (ImageFolder.Limits limits : ALL_LIMITS) {
      DataSet data = ImageFolder.open(dir(), false, 0, limits);
      assertEquals(
          List.of(
              "skipped 3 images that cannot be decoded: train/ant/cut.jpg, train/bee/empty.png,"
                  + " test/ant/text.png"),
          data.notes());
      assertEquals("{0=4, 1=4}", counts(data.train()));
      assertEquals("{0=1, 1=2}", counts(data.test()));
      assertEquals(8, data.height());
      assertEquals(sound, data.fingerprint());
    }
  }

  @Test
  void strict() {
    damage();
    for (ImageFolder.Limits limits : ALL_LIMITS) {
      assertEquals(
          "data set folder: 3 images cannot be decoded: train/ant/cut.jpg (it is truncated),"
              + " train/bee/empty.png (it is empty), test/ant/text.png (it is neither JPEG nor"
              + " PNG); remove them, or do without --strict",
          dataError(() -> ImageFolder.open(dir(), true, 0, limits)));
    }
  }

  /// A name that lies is no harm: the content says what it is.
  @Test
  void wrongExtension() {
    trainAndTest();
    write("train/ant/really-png.jpg", png(8, 8, 77));
    write("train/bee/really-jpeg.png", jpeg(8, 8, 1, 2, 3));
    DataSet data = ImageFolder.open(dir(), true, 0);
    assertEquals("{0=5, 1=5}", counts(data.train()));
  }

  @Test
  void brokenLinks() {
    trainAndTest();
    try {
      Files.createSymbolicLink(dir().resolve("train/ant/gone.png"), Path.of("nowhere.png"));
      Files.createSymbolicLink(dir().resolve("train/cow"), dir().resolve("train/bee"));
    } catch (IOException | UnsupportedOperationException noLinks) {
      Assumptions.abort("no symbolic links here");
    }
    write("test/cow/1.png", png(8, 8, 3));
    DataSet data = open();
    assertEquals(List.of("ant", "bee", "cow"), data.classNames(), "links to folders are followed");
    assertEquals(
        List.of("skipped 1 image that cannot be decoded: train/ant/gone.png"), data.notes());
    assertTrue(
        dataError(() -> ImageFolder.open(dir(), true, 0))
            .contains("train/ant/gone.png (NoSuchFileException)"));
  }

  @Test
  void linksInACircle() {
    trainAndTest();
    try {
      Files.createSymbolicLink(dir().resolve("train/again"), dir());
    } catch (IOException | UnsupportedOperationException noLinks) {
      Assumptions.abort("no symbolic links here");
    }
    String error = dataError(this::open);
    assertTrue(error.startsWith(dir() + " cannot be read: "), error);
  }

  /// Read from disk, a file can change under us.
  @Test
  void filesThatChangeLater() {
    trainAndTest();
    DataSet held = ImageFolder.open(dir(), false, 0, ALL_LIMITS.get(0));
    DataSet read = ImageFolder.open(dir(), false, 0, ALL_LIMITS.get(1));
    int ant = labels(read.test()).indexOf(0);
    write("test/ant/9.PNG", new byte[5]);
    assertArrayEquals(Pictures.pixels(8, 8, 3, 9), held.test().image(ant).pixels());
    assertEquals(
        "image test/ant/9.PNG cannot be decoded: it is neither JPEG nor PNG; repair or remove "
            + dir().resolve("test/ant/9.PNG"),
        dataError(() -> read.test().image(ant)));
  }

  /// Damage that only decoding finds, in a set too large to decode at opening.
  @Test
  void damageInside() {
    trainAndTest();
    byte[] png = png(8, 8, 9);
    for (int i = 50; i < png.length - 20; i++) {
      png[i] = 1;
    }
    write("test/ant/9.PNG", png);
    DataSet data = ImageFolder.open(dir(), true, 0, ALL_LIMITS.get(2));
    int ant = labels(data.test()).indexOf(0);
    String error = dataError(() -> data.test().image(ant));
    assertTrue(error.startsWith("image test/ant/9.PNG cannot be decoded: "), error);
    assertEquals(1, open().notes().size(), "decoding finds it at opening");
  }

  /// Eight threads decode the same images.
  @Test
  void severalThreads() {
    trainAndTest();
    for (ImageFolder.Limits limits : ALL_LIMITS) {
      ImageSet images = ImageFolder.open(dir(), false, 0, limits).train();
      List<byte[]> alone = IntStream.range(0, 8).mapToObj(i -> images.image(i).pixels()).toList();
      IntStream.range(0, 400)
          .parallel()
          .forEach(i -> assertArrayEquals(alone.get(i % 8), images.image(i % 8).pixels()));
    }
  }

  @Test
  void unreadableFolders() {
    trainAndTest();
    if (!dir().toFile().setReadable(false) || Files.isReadable(dir())) {
      Assumptions.abort("permissions do not bind this user");
    }
    try {
      assertEquals(
          "data set folder: folder " + dir() + " may not be read; check its permissions",
          dataError(this::open));
    } finally {
      assertTrue(dir().toFile().setReadable(true), "permissions restored");
    }
  }
}
