package ibrik.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Takes this program's own options out of a command line; what is left is for JMH.
public final class Options {
  private final List<String> rest;

  /// Of these arguments.
  public Options(List<String> args) {
    rest = new ArrayList<>(args);
  }

  /// Removes `name value` and gives the value.
  public @Nullable String value(String name) {
    int at = rest.indexOf(name);
    if (at < 0) {
      return null;
    }
    if (at + 1 == rest.size()) {
      throw new IllegalArgumentException("[bench] " + name + " needs a value");
    }
    rest.remove(at);
    return rest.remove(at);
  }

  /// Removes `name` and tells whether it was there.
  public boolean flag(String name) {
    return rest.remove(name);
  }

  /// What nobody took.
  public List<String> rest() {
    return List.copyOf(rest);
  }

  /// Ends the reading.
  ///
  /// @throws IllegalArgumentException if something is left
  public void done() {
    if (!rest.isEmpty()) {
      throw new IllegalArgumentException("[bench] unknown option; got " + rest.getFirst());
    }
  }

  /// A path of the repository, wherever the program was started.
  public static Path inRepository(String first, String... more) {
    return Path.of(System.getProperty("ibrik.home", "."), first).resolve(Path.of("", more));
  }

  /// A whole number, at least `least`.
  static int count(String text, int least) {
    try {
      int count = Integer.parseInt(text);
      if (count >= least) {
        return count;
      }
    } catch (NumberFormatException notNumber) {
      // told below
    }
    throw new IllegalArgumentException(
        "[bench] a number, at least " + least + ", was expected; got " + text);
  }
}
