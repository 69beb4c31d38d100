package ibrik.ssl.data;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/// SHA-256 over the names, sizes and contents of the files of a data set, in a fixed order. Files
/// count unpacked, so that compressing one changes nothing.
final class Fingerprint {
  private final MessageDigest digest = Checksums.digest();

  /// Adds a file and returns this.
  Fingerprint add(String name, byte[] content) {
    return add(name, content.length, Checksums.sha256(content));
  }

  /// Adds a file whose SHA-256 is known and returns this.
  Fingerprint add(String name, long bytes, String sha256) {
    // A zero byte cannot be part of a name: two lists of files never read the same.
    String line = name + "\0" + bytes + "\0" + sha256 + "\0";
    digest.update(line.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /// The sum so far; ends the counting.
  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
