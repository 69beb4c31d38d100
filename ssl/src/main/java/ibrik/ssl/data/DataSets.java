package ibrik.ssl.data;

import ibrik.ssl.config.Nearest;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// All data sets by name.
public final class DataSets {
  private static final List<Source> ALL =
      List.of(
          new Source(
              "fashion", "Fashion-MNIST, 4,000 + 1,000 images, 28x28 grey, 10 classes", true),
          new Source("cells", "blood cells, 989 + 240 images, 32x32 colour, 3 classes", true),
          new Source("cifar10", "CIFAR-10, 50,000 images to train on, 32x32 colour", false),
          new Source("idx", "IDX files, as of MNIST", false),
          new Source("folder", "JPEG and PNG images in a folder or .zip file", false));

  private DataSets() {}

  /// What to open.
  ///
  /// @param name one of [#all]
  /// @param dir where its files lie; null for a set that is embedded
  /// @param strict whether an image that cannot be decoded is an error; else it is skipped, and a
  ///   note of the set says so. Only images in folders can be skipped.
  /// @param imageSize rows and columns of views, pixels; 0: as the data is
  public record Request(String name, @Nullable Path dir, boolean strict, int imageSize) {
    /// Checks the size.
    public Request {
      if (imageSize < 0 || imageSize > DataSet.MAX_SIDE) {
        throw new IllegalArgumentException(
            "[data] image size must be between 1 and "
                + DataSet.MAX_SIDE
                + " pixels, or 0 for that of the data; got "
                + imageSize);
      }
    }
  }

  /// A kind of data set.
  ///
  /// @param name what the user calls it
  /// @param summary one line
  /// @param embedded whether it comes with the library
  public record Source(String name, String summary, boolean embedded) {}

  /// In the order in which they are listed.
  public static List<Source> all() {
    return ALL;
  }

  /// Opens a data set.
  ///
  /// @throws IllegalArgumentException if there is no set of this name, or a folder is given where
  ///   none belongs, or none where one is needed
  /// @throws DataException if its files cannot be read
  public static DataSet open(Request request) {
    DataSet data =
        switch (request.name) {
          case "fashion" -> embedded(request, EmbeddedSets::fashion);
          case "cells" -> embedded(request, EmbeddedSets::cells);
          case "cifar10" -> CifarFolder.open(dir(request));
          case "idx" -> IdxFolder.open(dir(request));
          case "folder" -> ImageFolder.open(dir(request), request.strict, request.imageSize);
          default -> throw unknown(request.name);
        };
    return data.resized(request.imageSize);
  }

  /// Where the files of a set lie: `dir` if it is given; else, for a set that is not embedded, the
  /// sub folder of its name in `environment`, the value of `IBRIK_DATA`, or that folder itself if
  /// it has none; else null.
  public static @Nullable Path locate(
      String name, @Nullable Path dir, @Nullable String environment) {
    boolean embedded = ALL.stream().anyMatch(s -> s.name.equals(name) && s.embedded);
    if (dir != null || embedded || environment == null || environment.isBlank()) {
      return dir;
    }
    try {
      Path root = Path.of(environment);
      Path own = root.resolve(name);
      return Files.isDirectory(own) ? own : root;
    } catch (InvalidPathException noPath) {
      throw new IllegalArgumentException(
          "[data] IBRIK_DATA must be a folder; got " + environment, noPath);
    }
  }

  private static DataSet embedded(Request request, Supplier<DataSet> set) {
    if (request.dir != null) {
      throw new IllegalArgumentException(
          "data set "
              + request.name
              + " is embedded and needs no folder; got "
              + request.dir
              + "; leave out --data-dir");
    }
    return set.get();
  }

  private static Path dir(Request request) {
    if (request.dir == null) {
      throw new IllegalArgumentException(
          "data set " + request.name + " needs a folder: give --data-dir DIR or set IBRIK_DATA");
    }
    return request.dir;
  }

  private static IllegalArgumentException unknown(String name) {
    List<String> names = ALL.stream().map(Source::name).toList();
    String hint = Nearest.to(name, names).map(n -> "; did you mean " + n + "?").orElse("");
    return new IllegalArgumentException(
        "there is no data set " + name + "; known are " + String.join(", ", names) + hint);
  }
}
