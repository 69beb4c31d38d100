package ibrik.ssl.data;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// JPEG and PNG images in a folder or a zip file, in one of three layouts:
///
/// - `train/<class>/...` and beside it `test/<class>/...` or `val/<class>/...`;
/// - `<class>/...`;
/// - images without class folders.
///
/// Where there is no test set, a tenth of each class is held out. Hidden files and other kinds of
/// files are ignored; one folder around everything may be there. Images are shuffled once, by a
/// fixed seed, so that any first part of a set is a fair sample of it. They are decoded each time
/// they are asked for, from memory if the files are small together, else from disk.
final class ImageFolder {
  /// Side of a view where images differ in size.
  private static final int USUAL_SIZE = 224;

  /// Images from which mean and deviation are computed.
  private static final int STATISTICS = 1000;

  private static final int MAX_DEPTH = 16;

  /// How much is done at once.
  ///
  /// @param holdBytes files of a folder stay in memory if they have at most so many bytes together
  /// @param decodeBytes all images are decoded when the set is opened, to find those that cannot
  ///   be, if the files have at most so many bytes; else only their headers and ends are looked at
  /// @param zipBytes a zip file may unpack to so many bytes: it is always held in memory
  record Limits(long holdBytes, long decodeBytes, long zipBytes) {
    static Limits usual() {
      long heap = Runtime.getRuntime().maxMemory();
      return new Limits(Math.min(1L << 29, heap / 4), 1L << 26, heap / 2);
    }
  }

  private final Path given;
  private final Path root;
  private final boolean zip;
  private final Limits limits;
  private final List<String> paths = new ArrayList<>();
  private final TreeSet<String> folders = new TreeSet<>();
  private final List<String> notes = new ArrayList<>();

  private ImageFolder(Path given, Path root, boolean zip, Limits limits) {
    this.given = given;
    this.root = root;
    this.zip = zip;
    this.limits = limits;
  }

  /// Opens the set in the folder or zip file `given`.
  ///
  /// @param strict whether an image that cannot be decoded is an error
  /// @param imageSize rows and columns of views; 0: those of the images if all are equal, else 224
  static DataSet open(Path given, boolean strict, int imageSize) {
    return open(given, strict, imageSize, Limits.usual());
  }

  /// The same within `limits`.
  static DataSet open(Path given, boolean strict, int imageSize, Limits limits) {
    boolean zip =
        Files.isRegularFile(given) && given.toString().toLowerCase(Locale.ROOT).endsWith(".zip");
    if (!zip) {
      DataFiles.folder("folder", given);
      return new ImageFolder(given, given, false, limits).read(strict, imageSize);
    }
    try (FileSystem inside = FileSystems.newFileSystem(given)) {
      Path root = inside.getRootDirectories().iterator().next();
      return new ImageFolder(given, root, true, limits).read(strict, imageSize);
    } catch (IOException broken) {
      throw DataFiles.unreadable(given, broken);
    }
  }

  private DataSet read(boolean strict, int imageSize) {
    try {
      walk();
    } catch (IOException failed) {
      throw DataFiles.unreadable(given, failed);
    }
    FolderLayout layout = FolderLayout.of(given.toString(), paths, folders);
    Map<String, ImageFile.Checked> good = check(layout, strict);
    notes.addAll(layout.notes());
    ImageSet train = images(layout.train(), layout, good);
    ImageSet test = images(layout.test(), layout, good);
    if (test.size() == 0) {
      ClassOrder.Split split = ClassOrder.holdOut(train);
      notes.add(
          "no test set: "
              + split.test().size()
              + " of "
              + FolderLayout.count(train.size(), "image")
              + ", a tenth"
              + (layout.classNames().isEmpty() ? "" : " of each class")
              + ", are held out as the test set");
      train = split.train();
      test = split.test();
    }
    if (train.size() == 0 || test.size() == 0) {
      throw new DataException(
          "data set folder: "
              + FolderLayout.count(good.size(), "image")
              + " in "
              + given
              + " that can be decoded; that is too few to train on some and test on others");
    }
    return dataSet(ClassOrder.shuffled(train), ClassOrder.shuffled(test), good, imageSize);
  }

  /// Finds images and folders.
  private void walk() throws IOException {
    Files.walkFileTree(
        root,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        MAX_DEPTH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            if (!dir.equals(root) && hidden(dir)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            folders.add(path(dir));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (!attributes.isDirectory() && !hidden(file) && isImage(file)) {
              paths.add(path(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    paths.sort(null);
  }

  /// Relative to the root, with `/` between folders on every system.
  private String path(Path file) {
    String path =
        root.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private static boolean hidden(Path file) {
    String name = file.getFileName().toString();
    // Archives made on macOS hold a second, hidden tree.
    return name.startsWith(".") || name.startsWith("__MACOSX");
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".jpg") || name.endsWith(".jpeg") || name.endsWith(".png");
  }

  /// Looks at every image that is used, and returns those that can be decoded, by path.
  private Map<String, ImageFile.Checked> check(FolderLayout layout, boolean strict) {
    List<String> used =
        Stream.concat(layout.train().stream(), layout.test().stream())
            .map(FolderLayout.Item::path)
            .toList();
    long bytes = used.stream().mapToLong(path -> bytes(root.resolve(path))).sum();
    if (zip && bytes > limits.zipBytes) {
      throw new DataException(
          "data set folder: the images in "
              + given
              + " have "
              + bytes
              + " bytes, and those of a zip file are held in memory, of which "
              + limits.zipBytes
              + " may be used; unpack it, and give the folder");
    }
    boolean hold = zip || bytes <= limits.holdBytes;
    boolean decode = bytes <= limits.decodeBytes;
    List<ImageFile.Checked> all =
        used.stream()
            .parallel()
            .map(path -> ImageFile.check(path, root.resolve(path), hold, decode))
            .toList();
    List<ImageFile.Checked> bad = all.stream().filter(one -> one.problem() != null).toList();
    if (strict && !bad.isEmpty()) {
      List<String> reasons =
          bad.stream().map(one -> one.file().path() + " (" + one.problem() + ")").toList();
      throw new DataException(
          "data set folder: "
              + FolderLayout.count(bad.size(), "image")
              + " cannot be decoded: "
              + FolderLayout.some(reasons)
              + "; remove them, or do without --strict");
    }
    if (!bad.isEmpty()) {
      notes.add(
          "skipped "
              + FolderLayout.count(bad.size(), "image")
              + " that cannot be decoded: "
              + FolderLayout.some(bad.stream().map(one -> one.file().path()).toList()));
    }
    Map<String, ImageFile.Checked> good = new TreeMap<>();
    all.stream().filter(one -> one.problem() == null).forEach(o -> good.put(o.file().path(), o));
    return good;
  }

  private static long bytes(Path file) {
    try {
      return Files.size(file);
    } catch (IOException unreadable) {
      return 0; // the check finds out why
    }
  }

  private static ImageSet images(
      List<FolderLayout.Item> items, FolderLayout layout, Map<String, ImageFile.Checked> good) {
    List<FolderLayout.Item> kept = items.stream().filter(i -> good.containsKey(i.path())).toList();
    List<ImageFile> files =
        kept.stream().map(item -> Objects.requireNonNull(good.get(item.path())).file()).toList();
    int[] labels = kept.stream().mapToInt(FolderLayout.Item::label).toArray();
    return new ImageFiles(files, labels, layout.classNames());
  }

  private DataSet dataSet(
      ImageSet train, ImageSet test, Map<String, ImageFile.Checked> good, int imageSize) {
    List<ImageDecoder.Header> headers =
        good.values().stream().map(one -> Objects.requireNonNull(one.header())).toList();
    int[] heights = headers.stream().mapToInt(ImageDecoder.Header::height).sorted().toArray();
    int[] widths = headers.stream().mapToInt(ImageDecoder.Header::width).sorted().toArray();
    int last = headers.size() - 1;
    boolean own =
        imageSize == 0
            && heights[0] == heights[last]
            && widths[0] == widths[last]
            && Math.max(heights[0], widths[0]) <= DataSet.MAX_SIDE;
    if (imageSize == 0 && !own) {
      notes.add(
          "images have "
              + heights[0]
              + " to "
              + heights[last]
              + " rows and "
              + widths[0]
              + " to "
              + widths[last]
              + " columns: views are "
              + USUAL_SIZE
              + "x"
              + USUAL_SIZE
              + "; choose with --image-size");
    }
    int usual = imageSize == 0 ? USUAL_SIZE : imageSize;
    int channels = headers.stream().allMatch(ImageDecoder.Header::grey) ? 1 : 3;
    ChannelStatistics statistics = ChannelStatistics.of(train.first(STATISTICS), channels);
    Fingerprint fingerprint = new Fingerprint();
    good.forEach((path, one) -> fingerprint.add(path, one.bytes(), one.sha256()));
    return new DataSet(
        "folder",
        train,
        test,
        own ? heights[0] : usual,
        own ? widths[0] : usual,
        channels,
        statistics.mean(),
        statistics.std(),
        fingerprint.hex(),
        notes);
  }
}
