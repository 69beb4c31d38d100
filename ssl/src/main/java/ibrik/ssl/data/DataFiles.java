package ibrik.ssl.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// Reads files of data sets. Whatever goes wrong becomes a [DataException] that names the file.
final class DataFiles {
  private DataFiles() {}

  /// How to read the bytes of an open file.
  interface Reading<T> {
    T from(InputStream in) throws IOException;
  }

  /// The folder `dir` of the data set `set`.
  ///
  /// @throws DataException if it is none or cannot be listed
  static Path folder(String set, Path dir) {
    if (!Files.exists(dir)) {
      throw new DataException("data set " + set + ": folder " + dir + " does not exist");
    }
    if (!Files.isDirectory(dir)) {
      throw new DataException("data set " + set + ": " + dir + " is a file, not a folder");
    }
    if (!Files.isReadable(dir) || !Files.isExecutable(dir)) {
      throw new DataException(
          "data set " + set + ": folder " + dir + " may not be read; check its permissions");
    }
    return dir;
  }

  /// Names of what lies directly in `dir`, sorted.
  static List<String> names(Path dir) {
    try (Stream<Path> files = Files.list(dir)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException failed) {
      throw unreadable(dir, failed);
    } catch (UncheckedIOException failed) {
      throw unreadable(dir, new IOException(failed.getMessage(), failed));
    }
  }

  /// All bytes of `file`, unpacked if its name ends in `.gz`: at most `limit`, so that a small file
  /// that unpacks without end cannot fill the memory.
  static byte[] read(Path file, int limit) {
    byte[] bytes = read(file, in -> in.readNBytes(limit + 1));
    if (bytes.length > limit) {
      throw new DataException(file + " is too long: more than " + limit + " bytes");
    }
    return bytes;
  }

  /// What `reading` makes of the bytes of `file`, unpacked if its name ends in `.gz`.
  static <T> T read(Path file, Reading<T> reading) {
    try (InputStream raw = Files.newInputStream(file)) {
      if (!file.toString().endsWith(".gz")) {
        return reading.from(raw);
      }
      try (InputStream unpacked = new GZIPInputStream(raw, 1 << 16)) {
        return reading.from(unpacked);
      } catch (EOFException early) {
        throw new DataException(
            file + " is truncated: its gzip stream ends early; fetch it again", early);
      } catch (ZipException damaged) {
        throw new DataException(
            file + " cannot be unpacked: " + damaged.getMessage() + "; fetch it again", damaged);
      }
    } catch (IOException failed) {
      throw unreadable(file, failed);
    }
  }

  /// Lines of a small text file that are not blank, without spaces around them.
  static List<String> lines(Path file) {
    return new String(read(file, 1 << 20), StandardCharsets.UTF_8)
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /// The error for a file that the system does not let us read.
  static DataException unreadable(Path file, IOException cause) {
    String reason =
        switch (cause) {
          case NoSuchFileException _ -> "it does not exist";
          case AccessDeniedException _ -> "access is denied";
          default -> cause.getMessage();
        };
    return new DataException(file + " cannot be read: " + reason, cause);
  }
}
