package ibrik.kernels.cuda;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Results kept on disk by what they were made of. A file holds a mark, the hash of what follows,
/// the key in full, and the result; one that is not whole or not meant counts as absent. Writers
/// make a file of their own and move it into place, so two processes may race.
final class KeyedFiles {
  private static final Logger LOG = System.getLogger(KeyedFiles.class.getName());
  private static final int HASH_BYTES = 32;

  private final Path folder;
  private final byte[] mark;
  private final String suffix;

  /// Files in `folder`, which is made when the first one is written.
  ///
  /// @param kind first line of each file: what it is, and the version of its form
  /// @param suffix end of their names
  KeyedFiles(Path folder, String kind, String suffix) {
    this.folder = folder;
    this.mark = (kind + "\n").getBytes(StandardCharsets.US_ASCII);
    this.suffix = suffix;
  }

  private Path file(byte[] key) {
    return folder.resolve(HexFormat.of().formatHex(hash(key), 0, 16) + suffix);
  }

  /// The result made of `key` if there is a whole one, else `null`.
  byte @Nullable [] read(byte[] key) {
    Path file = file(key);
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException absent) {
      return null;
    }
    int start = mark.length + HASH_BYTES;
    int result = start + Integer.BYTES + key.length;
    if (bytes.length < result
        || !Arrays.equals(bytes, 0, mark.length, mark, 0, mark.length)
        || !Arrays.equals(
            bytes, mark.length, start, hash(Arrays.copyOfRange(bytes, start, bytes.length)), 0, 32)
        || ByteBuffer.wrap(bytes, start, Integer.BYTES).getInt() != key.length
        || !Arrays.equals(bytes, start + Integer.BYTES, result, key, 0, key.length)) {
      LOG.log(Level.DEBUG, "{0} is not what it should be and is made again", file);
      return null;
    }
    return Arrays.copyOfRange(bytes, result, bytes.length);
  }

  /// Keeps `result`. What cannot be written costs time at the next start, no more.
  void write(byte[] key, byte[] result) {
    ByteBuffer rest = ByteBuffer.allocate(Integer.BYTES + key.length + result.length);
    rest.putInt(key.length).put(key).put(result);
    ByteBuffer all = ByteBuffer.allocate(mark.length + HASH_BYTES + rest.capacity());
    all.put(mark).put(hash(rest.array())).put(rest.array());
    try {
      Files.createDirectories(folder);
      Path made = Files.createTempFile(folder, "made", ".tmp");
      try {
        Files.write(made, all.array());
        Files.move(
            made, file(key), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(made);
      }
    } catch (IOException refused) {
      LOG.log(Level.DEBUG, "a result is not kept: {0}", refused.toString());
    }
  }

  private static byte[] hash(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException(absent);
    }
  }
}
