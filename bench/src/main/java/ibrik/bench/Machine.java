package ibrik.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The machine a number belongs to. Nothing in it names a person, a host or a folder.
///
/// @param cpu model of the processor as the system names it
/// @param processors how many the program may use; on a rented machine others may share them
/// @param memoryBytes main memory, 0 where the system does not tell
/// @param os name, release and architecture
/// @param jdk vendor version of the virtual machine
public record Machine(String cpu, int processors, long memoryBytes, String os, String jdk) {
  /// This machine.
  public static Machine here() {
    return new Machine(
        field(Path.of("/proc/cpuinfo"), "model name"),
        Runtime.getRuntime().availableProcessors(),
        kibibytes(field(Path.of("/proc/meminfo"), "MemTotal")) * 1024,
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
  }

  /// The value of the first `key : value` line, or `unknown`.
  static String field(Path file, String key) {
    if (!Files.isReadable(file)) {
      return "unknown";
    }
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(key) && line.contains(":"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static long kibibytes(String text) {
    return text.endsWith(" kB") ? Long.parseLong(text.substring(0, text.length() - 3).strip()) : 0;
  }
}
