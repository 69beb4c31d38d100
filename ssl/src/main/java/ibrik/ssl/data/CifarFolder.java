package ibrik.ssl.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// CIFAR-10 in a folder, in one of two layouts.
///
/// - **original**: `data_batch_1.bin` ... `data_batch_5.bin`, `test_batch.bin`, also inside
///   `cifar-10-batches-bin`, the folder that the published archive unpacks to;
/// - **packed**: `data_batch_1.png` ... and `data_batch_1.labels` ..., from which the records of
///   the original are rebuilt, and the first 1,000 test images in `test_batch_first1000.bin.gz`.
///
/// All records are checked against the checksums of the original.
///
/// **Source** Krizhevsky, *Learning Multiple Layers of Features from Tiny Images*, 2009.
final class CifarFolder {
  /// Checksums of the original records by file name. Those of 64 digits are SHA-256; the test batch
  /// has the id that git gives it, which is what public copies of it show.
  static final Map<String, String> PUBLISHED =
      Map.of(
          "data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
          "data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
          "data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
          "data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
          "data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
          "test_batch.bin", "e3f3b4653f18f27ada1558cabc3352a3ed1b25cc",
          "test_batch_first1000.bin.gz",
              "8314c96d7cd65618193bab23acdd5d4c4af15bf6dd00a1781d55beedf3be1ef5");

  /// The first 1,000 test images; its checksum is that of the unpacked records.
  private static final String FIRST_TEST = "test_batch_first1000.bin.gz";

  private static final String META = "batches.meta.txt";
  private static final int BATCHES = 5;

  /// Images in a file.
  private static final int MOST = 10_000;

  private static final List<String> CLASSES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private final Path dir;
  private final Map<String, String> sums;
  private final List<String> classes;

  private CifarFolder(Path dir, Map<String, String> sums) {
    this.dir = dir;
    this.sums = sums;
    this.classes = classes(dir.resolve(META));
  }

  /// Opens the set in `dir`; mean and deviation are those commonly used, of the 50,000 training
  /// images.
  static DataSet open(Path dir) {
    return open(dir, PUBLISHED);
  }

  /// The same against other checksums: a file that `sums` does not name is not checked.
  static DataSet open(Path dir, Map<String, String> sums) {
    DataFiles.folder("cifar10", dir);
    Path inner = dir.resolve("cifar-10-batches-bin");
    if (holds(dir, "data_batch_\\d\\.bin")) {
      return new CifarFolder(dir, sums).read(false);
    }
    if (Files.isDirectory(inner) && holds(inner, "data_batch_\\d\\.bin")) {
      return new CifarFolder(inner, sums).read(false);
    }
    if (holds(dir, "data_batch_\\d\\.png")) {
      return new CifarFolder(dir, sums).read(true);
    }
    throw new DataException(
        "data set cifar10: "
            + dir
            + " holds neither data_batch_1.bin (the original files, also in"
            + " cifar-10-batches-bin) nor data_batch_1.png (the packed ones)");
  }

  private static boolean holds(Path dir, String pattern) {
    return DataFiles.names(dir).stream().anyMatch(name -> name.matches(pattern));
  }

  private static List<String> classes(Path meta) {
    if (!Files.exists(meta)) {
      return CLASSES;
    }
    List<String> names = DataFiles.lines(meta);
    if (names.size() != CLASSES.size()) {
      throw new DataException(
          meta + " must name 10 classes, one a line; it has " + names.size() + " lines");
    }
    return names;
  }

  private DataSet read(boolean packed) {
    String last = packed ? FIRST_TEST : "test_batch.bin";
    checkAllThere(packed, last);
    // Unpacking the strips is most of the work.
    List<Batch> batches =
        IntStream.rangeClosed(1, BATCHES)
            .parallel()
            .mapToObj(k -> packed ? strip(k) : records("data_batch_" + k + ".bin"))
            .toList();
    Batch test = records(last);
    Fingerprint fingerprint = new Fingerprint();
    Stream.concat(batches.stream(), Stream.of(test))
        .forEach(
            b -> fingerprint.add(b.name, (long) b.images.size() * CifarBinary.RECORD, b.sha256));
    return new DataSet(
        "cifar10",
        new JoinedImages(batches.stream().map(Batch::images).toList()),
        test.images,
        CifarBinary.SIDE,
        CifarBinary.SIDE,
        3,
        List.of(0.4914f, 0.4822f, 0.4465f),
        List.of(0.2470f, 0.2435f, 0.2616f),
        fingerprint.hex(),
        packed
            ? List.of(
                "of the CIFAR-10 test images, the first "
                    + test.images.size()
                    + " are there: they are the official test set here")
            : List.of());
  }

  private void checkAllThere(boolean packed, String last) {
    List<String> needed =
        Stream.concat(
                IntStream.rangeClosed(1, BATCHES)
                    .mapToObj(k -> "data_batch_" + k)
                    .flatMap(
                        name ->
                            packed
                                ? Stream.of(name + ".png", name + ".labels")
                                : Stream.of(name + ".bin")),
                Stream.of(last))
            .toList();
    List<String> missing = needed.stream().filter(n -> !Files.exists(dir.resolve(n))).toList();
    if (!missing.isEmpty()) {
      throw new DataException("data set cifar10: " + dir + " lacks " + String.join(", ", missing));
    }
  }

  private record Batch(String name, String sha256, ImageSet images) {}

  private Batch records(String file) {
    byte[] records = DataFiles.read(dir.resolve(file), MOST * CifarBinary.RECORD);
    return checked(file, file, records);
  }

  private Batch strip(int k) {
    String name = "data_batch_" + k;
    Path png = dir.resolve(name + ".png");
    Path labels = dir.resolve(name + ".labels");
    // A PNG file is hardly longer than its pixels.
    byte[] packed = DataFiles.read(png, 4 * MOST * CifarBinary.PLANE);
    Image strip;
    try {
      strip = ImageDecoder.decode(packed);
    } catch (IOException broken) {
      throw new DataException(
          png + " cannot be decoded: " + broken.getMessage() + "; fetch it again", broken);
    }
    byte[] records =
        CifarBinary.fromStrip(
            png.toString(), strip, labels.toString(), DataFiles.read(labels, MOST));
    return checked(name + ".png", name + ".bin", records);
  }

  private Batch checked(String file, String original, byte[] records) {
    String path = dir.resolve(file).toString();
    CifarBinary.checkLength(path, records.length);
    String sha256 = Checksums.sha256(records);
    String expected = sums.getOrDefault(original, sha256);
    boolean git = expected.length() != sha256.length();
    String found = git ? Checksums.gitBlob(records) : sha256;
    if (!found.equals(expected)) {
      throw new DataException(
          path
              + (file.equals(original)
                  ? " has "
                  : ": the records rebuilt from it and its labels have ")
              + (git ? "git id " : "SHA-256 ")
              + found
              + ", expected "
              + expected
              + "; the file is damaged or not the original, fetch it again");
    }
    return new Batch(original, sha256, CifarBinary.read(path, records, classes));
  }
}
