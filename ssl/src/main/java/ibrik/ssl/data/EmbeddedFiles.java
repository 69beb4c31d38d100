package ibrik.ssl.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/// The data files inside this library, each checked against its SHA-256.
final class EmbeddedFiles {
  private final String folder;
  private final Map<String, String> sums = new HashMap<>();

  /// Files in the resource folder `ibrik/data/<name>`.
  EmbeddedFiles(String name) {
    folder = "/ibrik/data/" + name + "/";
    String list = new String(raw("SHA256SUMS"), StandardCharsets.UTF_8);
    list.lines()
        .filter(line -> !line.isBlank())
        .forEach(
            line -> {
              String[] parts = line.trim().split("\\s+", 2);
              sums.put(parts[1].replace("*", "").replace("./", ""), parts[0]);
            });
  }

  /// The unpacked content of a `.gz` file.
  byte[] unpacked(String file) {
    byte[] packed = raw(file);
    String expected = sums.getOrDefault(file, "one in SHA256SUMS");
    String found = Checksums.sha256(packed);
    if (!found.equals(expected)) {
      throw new DataException(
          "embedded "
              + file
              + " has SHA-256 "
              + found
              + ", expected "
              + expected
              + "; the installation is damaged, build again");
    }
    try (GZIPInputStream in = new GZIPInputStream(new java.io.ByteArrayInputStream(packed))) {
      return in.readAllBytes();
    } catch (IOException broken) {
      throw new DataException("embedded " + file + " cannot be unpacked", broken);
    }
  }

  /// SHA-256 over the list of checksums: names the whole content.
  String fingerprint() {
    return Checksums.sha256(raw("SHA256SUMS"));
  }

  private byte[] raw(String file) {
    try (InputStream in = EmbeddedFiles.class.getResourceAsStream(folder + file)) {
      if (in == null) {
        throw new DataException("embedded file " + folder + file + " is missing; build again");
      }
      return in.readAllBytes();
    } catch (IOException failed) {
      throw new DataException("embedded file " + folder + file + " cannot be read", failed);
    }
  }
}
