package ibrik.ssl.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// A data set of four IDX files in a folder, as MNIST and its relatives are published: images and
/// labels to train on, whose names begin with `train`, and to test on, with `t10k` or `test`. What
/// stands between that and `-images` is free, but the same for both; `.gz` may follow.
final class IdxFolder {
  private static final Pattern IMAGES =
      Pattern.compile("((train|t10k|test).*?)[-.]images[-.]idx3-ubyte(\\.gz)?");

  private static final List<String> DIGITS = IntStream.range(0, 10).mapToObj(i -> "" + i).toList();

  private final Path dir;
  private final List<String> files;
  private final List<String> classes;
  private final Fingerprint fingerprint = new Fingerprint();

  private IdxFolder(Path dir) {
    this.dir = dir;
    this.files = DataFiles.names(dir);
    Path names = dir.resolve("classes.txt");
    this.classes = Files.exists(names) ? DataFiles.lines(names) : DIGITS;
  }

  /// Opens the set in `dir`. Classes are named by the lines of `classes.txt`, else `0` ... `9`.
  static DataSet open(Path dir) {
    return new IdxFolder(DataFiles.folder("idx", dir)).read();
  }

  private DataSet read() {
    String trainFile = imageFile("training", "train", "train");
    String testFile = imageFile("test", "t10k", "test");
    ImageSet train = part(trainFile);
    ImageSet test = part(testFile);
    Image one = train.image(0);
    Image other = test.image(0);
    if (one.height() != other.height() || one.width() != other.width()) {
      throw new DataException(
          "data set idx: training images are "
              + one.height()
              + "x"
              + one.width()
              + ", test images "
              + other.height()
              + "x"
              + other.width()
              + "; "
              + trainFile
              + " and "
              + testFile
              + " do not belong together");
    }
    ChannelStatistics statistics = ChannelStatistics.of(train);
    return new DataSet(
        "idx",
        ClassOrder.mixed(train),
        ClassOrder.mixed(test),
        one.height(),
        one.width(),
        1,
        statistics.mean(),
        statistics.std(),
        fingerprint.hex());
  }

  /// The one image file whose name begins with `start` or `orStart`; if there are several, the one
  /// with nothing in between.
  private String imageFile(String kind, String start, String orStart) {
    List<String> found =
        files.stream()
            .filter(
                name -> {
                  Matcher parts = IMAGES.matcher(name);
                  return parts.matches() && List.of(start, orStart).contains(parts.group(2));
                })
            .toList();
    List<String> plain = found.stream().filter(name -> prefix(name).equals(start)).toList();
    if (!plain.isEmpty()) {
      return plain.getFirst(); // sorted: the unpacked one if both are there
    }
    if (found.size() == 1) {
      return found.getFirst();
    }
    String wanted = start + "*-images-idx3-ubyte[.gz]";
    if (!orStart.equals(start)) {
      wanted += " or " + orStart + "*-images-idx3-ubyte[.gz]";
    }
    throw new DataException(
        "data set idx: "
            + dir
            + (found.isEmpty()
                ? " has no " + kind + " images; looked for " + wanted
                : " has several files of "
                    + kind
                    + " images: "
                    + String.join(", ", found)
                    + "; keep one"));
  }

  private static String prefix(String imageFile) {
    Matcher parts = IMAGES.matcher(imageFile);
    return parts.matches() ? parts.group(1) : "";
  }

  private ImageSet part(String imageFile) {
    String prefix = prefix(imageFile);
    Pattern labels = Pattern.compile(Pattern.quote(prefix) + "[-.]labels[-.]idx1-ubyte(\\.gz)?");
    String labelFile =
        files.stream()
            .filter(name -> labels.matcher(name).matches())
            .findFirst()
            .orElseThrow(
                () ->
                    new DataException(
                        "data set idx: "
                            + dir
                            + " has no labels for "
                            + imageFile
                            + "; looked for "
                            + prefix
                            + "-labels-idx1-ubyte[.gz]"));
    return Idx.read(
        dir.resolve(imageFile).toString(),
        bytes(imageFile),
        dir.resolve(labelFile).toString(),
        bytes(labelFile),
        classes);
  }

  private byte[] bytes(String file) {
    byte[] content = DataFiles.read(dir.resolve(file), Idx::take);
    fingerprint.add(file.replaceFirst("\\.gz$", ""), content);
    return content;
  }
}
