package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.DeviceInfo;
import ibrik.kernels.cuda.driver.Driver;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Machine code by what it was made of: source, options, architecture and compiler. A file holds a
/// mark, the hash of what follows, the key in full, and the code; one that is not whole or not
/// meant is made again. Writers make a file of their own and move it into place, so two processes
/// may race.
final class ImageCache {
  private static final Logger LOG = System.getLogger(ImageCache.class.getName());
  private static final byte[] MARK = "ibrik cubin 1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int HASH_BYTES = 32;

  private final @Nullable Path folder;

  private ImageCache(@Nullable Path folder) {
    this.folder = folder;
  }

  /// Keeps files in `folder`, which is made when the first one is written.
  static ImageCache in(Path folder) {
    return new ImageCache(folder);
  }

  /// Keeps nothing.
  static ImageCache none() {
    return new ImageCache(null);
  }

  /// The machine code of `source` for `device`.
  byte[] image(Driver driver, DeviceInfo device, CudaSource source) {
    List<String> options = new ArrayList<>(source.options());
    options.add("-arch=" + device.arch());
    options.add("-default-device");
    if (folder == null) {
      return driver.compile(source.text(), source.name(), options);
    }
    byte[] key =
        String.join("\n", driver.compiler(), options.toString(), source.name(), source.text())
            .getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve(HexFormat.of().formatHex(hash(key), 0, 16) + ".cubin");
    byte[] kept = read(file, key);
    if (kept != null) {
      return kept;
    }
    byte[] image = driver.compile(source.text(), source.name(), options);
    write(folder, file, key, image);
    return image;
  }

  /// The code in `file` if it is whole and made of `key`, else `null`.
  private static byte @Nullable [] read(Path file, byte[] key) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException absent) {
      return null;
    }
    int start = MARK.length + HASH_BYTES;
    int code = start + Integer.BYTES + key.length;
    if (bytes.length < code
        || !Arrays.equals(bytes, 0, MARK.length, MARK, 0, MARK.length)
        || !Arrays.equals(
            bytes, MARK.length, start, hash(Arrays.copyOfRange(bytes, start, bytes.length)), 0, 32)
        || ByteBuffer.wrap(bytes, start, Integer.BYTES).getInt() != key.length
        || !Arrays.equals(bytes, start + Integer.BYTES, code, key, 0, key.length)) {
      LOG.log(Level.DEBUG, "{0} is not what it should be and is made again", file);
      return null;
    }
    return Arrays.copyOfRange(bytes, code, bytes.length);
  }

  /// A cache that cannot be written costs time at the next start, no more.
  private static void write(Path folder, Path file, byte[] key, byte[] image) {
    ByteBuffer rest = ByteBuffer.allocate(Integer.BYTES + key.length + image.length);
    rest.putInt(key.length).put(key).put(image);
    ByteBuffer all = ByteBuffer.allocate(MARK.length + HASH_BYTES + rest.capacity());
    all.put(MARK).put(hash(rest.array())).put(rest.array());
    try {
      Files.createDirectories(folder);
      Path made = Files.createTempFile(folder, "made", ".tmp");
      try {
        Files.write(made, all.array());
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(made);
      }
    } catch (IOException refused) {
      LOG.log(Level.DEBUG, "machine code is not kept: {0}", refused.toString());
    }
  }

  private static byte[] hash(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException(absent); // every Java has it
    }
  }
}
