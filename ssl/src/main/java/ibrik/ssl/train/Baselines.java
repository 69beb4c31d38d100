package ibrik.ssl.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.ssl.config.Json;
import ibrik.tensor.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Floors and ceilings that runs have in common. They depend on the images, the encoder and the
/// seed, not on the method, so that the runs of a sweep need them once.
///
/// Each is a file named after all that decides it; the file holds that too, and which test images
/// are classified rightly. Of processes that want the same one, one measures and the others wait.
public final class Baselines {
  private static final long WAIT_MILLIS = 200;

  private final @Nullable Path folder;

  private Baselines(@Nullable Path folder) {
    this.folder = folder;
  }

  /// Measures everything anew.
  public static Baselines anew() {
    return new Baselines(null);
  }

  /// Keeps what it measures in `folder`, made if needed.
  public static Baselines in(Path folder) {
    return new Baselines(folder);
  }

  /// What is known under `key`, else what `measure` finds.
  ///
  /// @param name begins the file's name
  /// @param key all that decides the outcome
  Judged get(String name, ObjectNode key, Supplier<Judged> measure) {
    if (folder == null) {
      return measure.get();
    }
    Path file = folder.resolve(name + "-" + digest(key) + ".json");
    try {
      Files.createDirectories(folder);
      Judged known = read(file, key);
      return known != null ? known : locked(file, key, measure);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static Judged locked(Path file, ObjectNode key, Supplier<Judged> measure)
      throws IOException {
    Path lock = file.resolveSibling("." + file.getFileName() + ".lock");
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = await(channel)) {
      Judged known = read(file, key); // somebody was faster
      if (known != null) {
        return known;
      }
      Judged found = measure.get();
      ObjectNode tree = found.toJson();
      tree.set("key", key);
      byte[] bytes = Json.pretty(tree).getBytes(StandardCharsets.UTF_8);
      AtomicFile.write(file, bytes);
      return found;
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // the caller closes it
  private static FileLock await(FileChannel channel) throws IOException {
    while (true) {
      try {
        FileLock lock = channel.tryLock();
        if (lock != null) {
          return lock;
        }
      } catch (OverlappingFileLockException _) {
        // Another thread of this program: a blocking call would not wait for it.
      }
      try {
        Thread.sleep(WAIT_MILLIS);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        throw new IOException("[baselines] interrupted while another process measures", stopped);
      }
    }
  }

  private static @Nullable Judged read(Path file, ObjectNode key) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    JsonNode tree = Json.MAPPER.readTree(Files.readString(file));
    // Through text: numbers that were read are of other types than those that were put.
    return tree.path("key").equals(Json.MAPPER.readTree(Json.line(key))) ? Judged.of(tree) : null;
  }

  private static String digest(ObjectNode key) {
    try {
      byte[] all =
          MessageDigest.getInstance("SHA-256")
              .digest(Json.line(key).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(all, 0, 8);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("[baselines] every JDK has SHA-256", impossible);
    }
  }
}
