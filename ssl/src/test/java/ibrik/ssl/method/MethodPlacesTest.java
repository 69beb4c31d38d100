package ibrik.ssl.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A method is its package and one line of [Methods]: nothing else in the sources knows it.
class MethodPlacesTest {
  private static final Path SOURCES = Path.of("src", "main", "java");
  private static final Path METHODS = SOURCES.resolve(Path.of("ibrik", "ssl", "method"));

  /// What every evaluation compares with is known outside: the ceiling and the floor.
  private static final Set<String> REFERENCES = Set.of("supervised", "random-init");

  /// Words that mean something else as well: `fair` of a coin.
  private static final Pattern STRING = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static List<Path> sources(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }

  /// Lines of code without comments.
  private static List<String> code(Path file) {
    return text(file).lines().map(String::strip).filter(line -> !line.startsWith("//")).toList();
  }

  private static List<MethodFactory<?>> methods() {
    return Methods.all().stream().filter(method -> !REFERENCES.contains(method.name())).toList();
  }

  private static String packageOf(MethodFactory<?> method) {
    return method.getClass().getPackageName();
  }

  @Test
  void onlyTheListNamesAMethod() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : sources(SOURCES)) {
      boolean list = file.getFileName().toString().equals("Methods.java");
      String own = SOURCES.relativize(file.getParent()).toString().replace('/', '.');
      boolean within = own.startsWith("ibrik.ssl.method.");
      for (String line : code(file)) {
        for (MethodFactory<?> method : methods()) {
          boolean uses = !within && !list && line.contains(packageOf(method) + ".");
          boolean names =
              !own.equals(packageOf(method))
                  && STRING.matcher(line).results().anyMatch(m -> m.group(1).equals(method.name()));
          if (uses || names) {
            found.add(file.getFileName() + ": " + line);
          }
        }
      }
    }
    assertEquals(List.of(), found);
  }

  /// In the list one import and one line each.
  @Test
  void theListNamesItOnce() {
    List<String> list = code(METHODS.resolve("Methods.java"));
    for (MethodFactory<?> method : Methods.all()) {
      String name = method.getClass().getSimpleName();
      assertEquals(1, list.stream().filter(line -> line.endsWith("." + name + ";")).count(), name);
      assertEquals(
          1, list.stream().filter(line -> line.startsWith("new " + name + "()")).count(), name);
    }
  }

  /// What a package must hold, and that no two methods share one; packages without a factory are
  /// parts that methods share.
  @Test
  void everyPackageIsWhole() throws IOException {
    Set<String> packages =
        Methods.all().stream().map(MethodPlacesTest::packageOf).collect(Collectors.toSet());
    assertEquals(Methods.all().size(), packages.size());
    Set<String> without = new TreeSet<>();
    try (Stream<Path> folders = Files.list(METHODS)) {
      for (Path folder : folders.filter(Files::isDirectory).toList()) {
        String name = "ibrik.ssl.method." + folder.getFileName();
        if (!packages.contains(name)) {
          without.add(folder.getFileName().toString());
          continue;
        }
        Path card = folder.resolve("package-info.java");
        for (String part : List.of("**Deviations**", "**Collapse value", "**Numbers reached**")) {
          boolean reference =
              REFERENCES.stream().anyMatch(r -> name.endsWith("." + r.replace("-", "")));
          assertTrue(reference || text(card).contains(part), () -> card + " lacks " + part);
        }
      }
    }
    assertEquals(Set.of("cluster"), without);
  }
}
