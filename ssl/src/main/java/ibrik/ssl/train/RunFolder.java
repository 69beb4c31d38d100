package ibrik.ssl.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.ssl.config.Json;
import ibrik.ssl.config.Request;
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
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A run on disk.
///
/// ```
/// config.json             every setting, versions, fingerprint of the data
/// checkpoint.safetensors  all that training changes; replaced as a whole
/// metrics.jsonl           one line per epoch
/// result.json             final numbers, accuracies as fractions
/// evaluations.jsonl       one line per evaluation that was asked for later
/// findings.json           what the final evaluation found; the report is made from it
/// report.html, pictures/  for people
/// ```
///
/// One process at a time works in it, by a lock that ends with the process; others are told.
public final class RunFolder implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final @Nullable FileLock lock;

  private RunFolder(Path path) {
    this.path = path;
    try {
      Files.createDirectories(path);
      channel =
          FileChannel.open(
              path.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException refused) {
      throw new UncheckedIOException(
          new IOException(
              "[run] cannot write in the folder "
                  + path
                  + " ("
                  + refused
                  + "); check free space and permission, or choose another with --out",
              refused));
    }
    lock = tryLock();
    if (lock == null) {
      close();
      throw new BusyException(path);
    }
  }

  private @Nullable FileLock tryLock() {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException | IOException held) {
      return null;
    }
  }

  /// A folder for a new run, made if needed.
  ///
  /// @throws IllegalArgumentException if a run lies there already
  /// @throws BusyException if another process works in it
  public static RunFolder create(Path path) {
    refuseRun(path);
    RunFolder folder = claim(path);
    try {
      refuseRun(path); // one that came and went before the lock was ours
      return folder;
    } catch (IllegalArgumentException taken) {
      folder.close();
      throw taken;
    }
  }

  private static void refuseRun(Path path) {
    if (Files.exists(path.resolve("config.json"))) {
      throw new IllegalArgumentException(
          "[run] "
              + path
              + " already holds a run; go on with it by --resume, or choose another --out");
    }
  }

  /// A folder, made if needed, whatever it holds.
  ///
  /// @throws BusyException if another process works in it
  static RunFolder claim(Path path) {
    return new RunFolder(path);
  }

  /// The folder of a run that is there.
  ///
  /// @throws IllegalArgumentException if there is none
  /// @throws BusyException if another process works in it
  public static RunFolder open(Path path) {
    if (!Files.exists(path.resolve("config.json"))) {
      throw new IllegalArgumentException(
          "[run] "
              + path
              + " holds no run (no config.json)"
              + (Files.isDirectory(path) ? "" : ": there is no such folder"));
    }
    return new RunFolder(path);
  }

  /// Where it lies.
  public Path path() {
    return path;
  }

  /// A file of it.
  public Path file(String name) {
    return path.resolve(name);
  }

  /// `checkpoint.safetensors`.
  public Path checkpoint() {
    return file("checkpoint.safetensors");
  }

  /// The stored configuration.
  public ObjectNode config() {
    return Request.read(file("config.json"));
  }

  /// Replaces a JSON file as a whole.
  public void write(String name, Object value) {
    byte[] bytes = Json.pretty(value).getBytes(StandardCharsets.UTF_8);
    try {
      AtomicFile.write(file(name), bytes);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /// Adds a line to `metrics.jsonl`.
  public void log(ObjectNode line) {
    append("metrics.jsonl", line);
  }

  /// Adds a line to `evaluations.jsonl`: protocol, settings and numbers of one evaluation.
  public void logEvaluation(ObjectNode line) {
    append("evaluations.jsonl", line);
  }

  private void append(String name, ObjectNode line) {
    try {
      Files.writeString(
          file(name), Json.line(line) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException failed) {
      throw new UncheckedIOException(
          new IOException("[run] cannot write " + file(name) + ": " + failed, failed));
    }
  }

  /// Drops lines of `metrics.jsonl` beyond `step`, and a last one that was cut off: they will be
  /// written again.
  public void trimLog(long step) {
    Path log = file("metrics.jsonl");
    if (!Files.exists(log)) {
      return;
    }
    try {
      StringBuilder kept = new StringBuilder();
      for (String line : Files.readAllLines(log)) {
        if (stepOf(line) <= step) {
          kept.append(line).append('\n');
        }
      }
      byte[] bytes = kept.toString().getBytes(StandardCharsets.UTF_8);
      AtomicFile.write(log, bytes);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static long stepOf(String line) {
    try {
      JsonNode step = Json.MAPPER.readTree(line).path("step");
      return step.isIntegralNumber() ? step.asLong() : Long.MAX_VALUE;
    } catch (JsonProcessingException cutOff) {
      return Long.MAX_VALUE;
    }
  }

  /// The lines of `metrics.jsonl`.
  public List<JsonNode> metrics() {
    Path log = file("metrics.jsonl");
    if (!Files.exists(log)) {
      return List.of();
    }
    try {
      List<JsonNode> lines = new java.util.ArrayList<>();
      for (String line : Files.readAllLines(log)) {
        if (stepOf(line) < Long.MAX_VALUE) {
          lines.add(Json.MAPPER.readTree(line));
        }
      }
      return lines;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /// Lets others in.
  @Override
  public void close() {
    try {
      if (lock != null) {
        lock.release();
      }
      channel.close();
    } catch (IOException _) {
      // The lock goes with the process.
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
