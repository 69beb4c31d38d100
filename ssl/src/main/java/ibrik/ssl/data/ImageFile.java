package ibrik.ssl.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A JPEG or PNG file of a data set, decoded anew each time it is asked for.
///
/// @param path within the data set, for messages
/// @param file where it lies
/// @param held its bytes, if they are kept in memory; else null
@SuppressWarnings("ArrayRecordComponent")
record ImageFile(String path, Path file, byte @Nullable [] held) {
  /// Longest file, bytes.
  private static final int MAX_BYTES = 1 << 28;

  /// What the first look at a file found.
  ///
  /// @param header null if there is a problem
  /// @param problem why it cannot be decoded; null if it can
  record Checked(
      ImageFile file,
      long bytes,
      String sha256,
      ImageDecoder.@Nullable Header header,
      @Nullable String problem) {}

  /// Reads and checks a file.
  ///
  /// @param hold whether its bytes are kept
  /// @param decode whether all pixels are decoded; else the header is read, and the end of the file
  ///   looked at
  static Checked check(String path, Path file, boolean hold, boolean decode) {
    byte[] bytes = new byte[0];
    try {
      bytes = read(file);
      ImageDecoder.Header header;
      if (decode || !ImageDecoder.endsWell(bytes)) {
        Image image = ImageDecoder.decode(bytes);
        header = new ImageDecoder.Header(image.height(), image.width(), image.channels() == 1);
      } else {
        header = ImageDecoder.header(bytes);
      }
      ImageFile kept = new ImageFile(path, file, hold ? bytes : null);
      return new Checked(kept, bytes.length, Checksums.sha256(bytes), header, null);
    } catch (IOException broken) {
      String reason = reason(file, broken);
      return new Checked(new ImageFile(path, file, null), bytes.length, "", null, reason);
    }
  }

  /// The image.
  ///
  /// @throws DataException if it cannot be read or decoded any more, or was not decoded before
  Image image() {
    try {
      return ImageDecoder.decode(held != null ? held : read(file));
    } catch (IOException broken) {
      throw new DataException(
          "image "
              + path
              + " cannot be decoded: "
              + reason(file, broken)
              + "; repair or remove "
              + (held != null ? "it" : file),
          broken);
    }
  }

  private static byte[] read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException("it is longer than " + MAX_BYTES + " bytes");
      }
      return bytes;
    }
  }

  private static String reason(Path file, IOException broken) {
    String message = Objects.requireNonNullElse(broken.getMessage(), "");
    // Errors of the file system say the name, and what is wrong only by their type.
    boolean bare = message.isEmpty() || message.equals(file.toString());
    return bare ? broken.getClass().getSimpleName() : message;
  }
}
