package ibrik.ssl.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Where runs lie when nobody says: `runs/METHOD-DATA-TIME` in the working folder.
final class RunPaths {
  private static final String ROOT = "runs";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

  private RunPaths() {}

  /// A folder that is not there yet.
  static Path fresh(String method, String data) {
    String name =
        method + "-" + data + "-" + LocalDateTime.now(ZoneId.systemDefault()).format(TIME);
    Path path = Path.of(ROOT, name);
    for (int i = 2; Files.exists(path); i++) {
      path = Path.of(ROOT, name + "-" + i);
    }
    return path;
  }

  /// The run of `method` that was touched last and has no result.
  ///
  /// @throws IllegalArgumentException if there is none
  static Path newestUnfinished(String method) {
    return all().stream()
        .filter(run -> name(run).startsWith(method + "-"))
        .filter(run -> !Files.exists(run.resolve("result.json")))
        .max(Comparator.comparing(RunPaths::touched))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "[resume] there is no unfinished run of "
                        + method
                        + " in "
                        + Path.of(ROOT).toAbsolutePath()
                        + "; name its folder: --resume FOLDER"));
  }

  /// The run that was touched last.
  ///
  /// @throws IllegalArgumentException if there is none
  static Path newest() {
    return all().stream()
        .max(Comparator.comparing(RunPaths::touched))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "[run] there is no run in "
                        + Path.of(ROOT).toAbsolutePath()
                        + "; name its folder, or make one with ibrik pretrain"));
  }

  private static List<Path> all() {
    if (!Files.isDirectory(Path.of(ROOT))) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(Path.of(ROOT))) {
      return entries.filter(entry -> Files.exists(entry.resolve("config.json"))).toList();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static String name(Path run) {
    Path last = run.getFileName();
    return last == null ? "" : last.toString();
  }

  private static FileTime touched(Path run) {
    try {
      Path checkpoint = run.resolve("checkpoint.safetensors");
      return Files.getLastModifiedTime(
          Files.exists(checkpoint) ? checkpoint : run.resolve("config.json"));
    } catch (IOException gone) {
      return FileTime.fromMillis(0);
    }
  }
}
