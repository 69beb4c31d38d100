package ibrik.tensor.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// All or nothing.
class AtomicFileTest {
  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void anOldFile() throws IOException {
    path = Files.write(folder.resolve("run.bin"), new byte[] {1, 2, 3});
  }

  private static AtomicFile.Body bytes(int... values) {
    return channel -> {
      for (int value : values) {
        channel.write(ByteBuffer.wrap(new byte[] {(byte) value}));
      }
    };
  }

  private void assertUntouched() throws IOException {
    assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(path));
    assertOnly(path);
  }

  private void assertOnly(Path... wanted) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(wanted), files.sorted().toList(), "files in the folder");
    }
  }

  @Test
  void replacesTheFile() throws IOException {
    AtomicFile.write(path, bytes(4));
    assertArrayEquals(new byte[] {4}, Files.readAllBytes(path));
    assertOnly(path);
  }

  @Test
  void makesAFileThatOthersMayReadAsAnyOther() throws IOException {
    Path plain = Files.write(folder.resolve("plain"), new byte[0]);
    AtomicFile.write(path, bytes(4));
    assertEquals(Files.getPosixFilePermissions(plain), Files.getPosixFilePermissions(path));
  }

  @Test
  void theOldFileIsWholeUntilTheNewOneIs() throws IOException {
    AtomicFile.write(
        path,
        channel -> {
          bytes(4, 5, 6, 7).write(channel);
          assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(path));
        });
    assertArrayEquals(new byte[] {4, 5, 6, 7}, Files.readAllBytes(path));
  }

  @Test
  void aDiskThatFillsUpHalfWayLeavesTheOldFile() throws IOException {
    IOException full = new IOException("No space left on device");
    IOException seen =
        assertThrows(
            IOException.class,
            () ->
                AtomicFile.write(
                    path,
                    channel -> {
                      bytes(4).write(channel);
                      throw full;
                    }));
    assertEquals(
        "[file] cannot write "
            + path
            + " (IOException: No space left on device); an old file there is unchanged; check free"
            + " space, quota and write permission of "
            + folder
            + ", or choose another",
        seen.getMessage());
    assertEquals(full, seen.getCause());
    assertUntouched();
  }

  @Test
  void anyOtherExceptionLeavesTheOldFileToo() throws IOException {
    IllegalStateException own = new IllegalStateException("mine");
    assertEquals(
        own,
        assertThrows(
            IllegalStateException.class,
            () ->
                AtomicFile.write(
                    path,
                    _ -> {
                      throw own;
                    })));
    assertUntouched();
  }

  @Test
  void aFolderIsNoFile() throws IOException {
    assertEquals(
        "[file] the path must name a file; got " + folder + "; add a file name",
        assertThrows(IOException.class, () -> AtomicFile.write(folder, bytes(1))).getMessage());
    assertUntouched();
  }

  @Test
  void aMissingFolderIsNamed() throws IOException {
    Path missing = folder.resolve("none");
    String message =
        assertThrows(IOException.class, () -> AtomicFile.write(missing.resolve("x"), bytes(1)))
            .getMessage();
    assertTrue(message.endsWith("; create the folder " + missing), message);
    assertUntouched();
  }

  /// Permissions do not bind the super-user; the process file system accepts files from nobody.
  @Test
  void aReadOnlyFolderIsNamed() throws IOException {
    Path locked = Files.createDirectory(folder.resolve("locked"));
    Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-xr-xr-x"));
    if (Files.isWritable(locked)) {
      locked = Path.of("/proc");
      assumeTrue(Files.isDirectory(locked), "no folder here is read-only");
    }
    Path target = locked.resolve("ibrik.safetensors");
    String message =
        assertThrows(IOException.class, () -> Safetensors.write(target, Map.of(), Map.of()))
            .getMessage();
    assertTrue(message.startsWith("[file] cannot write " + target + " ("), message);
    assertTrue(
        message.endsWith(
            "; check free space, quota and write permission of " + locked + ", or choose another"),
        message);
    assertTrue(Files.notExists(target));
  }

  @Test
  void aSymbolicLinkIsReplacedAndItsTargetKept() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), path);
    AtomicFile.write(link, bytes(9));
    assertTrue(Files.isRegularFile(link) && !Files.isSymbolicLink(link));
    assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(path));
  }

  @Test
  void aPathWithoutFolderMeansTheWorkingFolder() throws IOException {
    Path here = Path.of("ibrik-atomic-file-test.bin");
    try {
      AtomicFile.write(here, bytes(1));
      assertArrayEquals(new byte[] {1}, Files.readAllBytes(here));
    } finally {
      Files.deleteIfExists(here);
    }
  }
}
