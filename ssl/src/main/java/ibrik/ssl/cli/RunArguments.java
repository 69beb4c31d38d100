package ibrik.ssl.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/// The runs that somebody named: their folders, folders of runs, recorded results (`.json`), or
/// patterns such as `runs/byol-*` that the shell left alone.
final class RunArguments {
  private RunArguments() {}

  /// Paths in a fixed order. What is not there stays in the list, so that its reader can say so.
  static List<Path> expand(List<String> named) {
    List<Path> found = new ArrayList<>();
    for (String name : named) {
      List<Path> matching = glob(name) ? matching(name) : List.of(Path.of(name));
      matching.forEach(path -> found.addAll(inside(path)));
      if (matching.isEmpty()) {
        throw new IllegalArgumentException(
            "[runs] nothing matches " + name + "; name folders of runs, or what holds them");
      }
    }
    return found;
  }

  private static boolean glob(String name) {
    return name.matches(".*[*?\\[{].*") && !Files.exists(Path.of(name));
  }

  /// A run is itself; a folder without a configuration stands for the runs in it.
  private static List<Path> inside(Path path) {
    if (!Files.isDirectory(path) || Files.exists(path.resolve("config.json"))) {
      return List.of(path);
    }
    try (Stream<Path> entries = Files.list(path)) {
      List<Path> runs =
          entries.filter(entry -> Files.exists(entry.resolve("config.json"))).sorted().toList();
      return runs.isEmpty() ? List.of(path) : runs;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /// Matches below the part of the pattern that has no special letters.
  private static List<Path> matching(String pattern) {
    Path fixed = Path.of("");
    int depth = 0;
    for (String part : pattern.split("/", -1)) {
      if (depth > 0 || part.matches(".*[*?\\[{].*")) {
        depth++;
      } else {
        fixed = part.isEmpty() ? Path.of("/") : fixed.resolve(part);
      }
    }
    try {
      PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
      if (!Files.isDirectory(fixed.toString().isEmpty() ? Path.of(".") : fixed)) {
        return List.of();
      }
      try (Stream<Path> all = Files.walk(fixed, depth)) {
        return all.filter(matcher::matches).sorted().toList();
      }
    } catch (PatternSyntaxException | InvalidPathException wrong) {
      throw new IllegalArgumentException(
          "[runs] " + pattern + " is no pattern: " + wrong.getMessage() + "; quote * and ? only",
          wrong);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
