package ibrik.bench;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Takes this program's own options out of a command line; what is left is for JMH.
final class Options {
  private final List<String> rest;

  Options(List<String> args) {
    rest = new ArrayList<>(args);
  }

  /// Removes `name value` and gives the value.
  @Nullable String value(String name) {
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
  boolean flag(String name) {
    return rest.remove(name);
  }

  /// What nobody took.
  List<String> rest() {
    return List.copyOf(rest);
  }

  /// @throws IllegalArgumentException if something is left
  void done() {
    if (!rest.isEmpty()) {
      throw new IllegalArgumentException("[bench] unknown option; got " + rest.getFirst());
    }
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
