package ibrik.ssl.data;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256 as lower-case hex.
public final class Checksums {
  private Checksums() {}

  /// Of the whole array.
  public static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  /// The id that git gives a file of this content: SHA-1 of its kind, size and bytes. Public
  /// repositories thereby publish a checksum of every file in them.
  static String gitBlob(byte[] bytes) {
    MessageDigest sha1 = digest("SHA-1");
    sha1.update(("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII));
    return HexFormat.of().formatHex(sha1.digest(bytes));
  }

  /// A fresh SHA-256.
  public static MessageDigest digest() {
    return digest("SHA-256");
  }

  private static MessageDigest digest(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has " + name, impossible);
    }
  }
}
