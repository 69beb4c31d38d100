package ibrik.ssl.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What a run's speed depends on. Nothing in it names a person, a host or a folder.
public final class Machine {
  /// System property with the revision of the sources, where the launcher knows it.
  public static final String COMMIT = "ibrik.commit";

  private Machine() {}

  /// Model of the processor as Linux names it, else the architecture.
  public static String cpu() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElseGet(Machine::architecture);
    } catch (IOException | java.io.UncheckedIOException elsewhere) {
      return architecture();
    }
  }

  private static String architecture() {
    return System.getProperty("os.arch");
  }

  /// The system a virtual machine runs on, as configurations store it.
  public static String system() {
    return String.join(
        " ",
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        System.getProperty("os.arch"));
  }
}
