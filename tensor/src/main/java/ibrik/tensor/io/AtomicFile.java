package ibrik.tensor.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Replaces a file as a whole: after a crash, a full disk or an exception, the path holds either
/// the old bytes or the new ones, never a part.
///
/// The new bytes go to a temporary file in the same folder, are forced to the disk, and take the
/// name in one atomic step. A symbolic link at the path is replaced, not followed.
public final class AtomicFile {
  private AtomicFile() {}

  /// Writes the new contents.
  @FunctionalInterface
  public interface Body {
    /// Writes all bytes to `channel`, which is empty and closed by the caller.
    ///
    /// @throws IOException if the channel refuses
    void write(FileChannel channel) throws IOException;
  }

  /// Gives `path` the bytes that `body` writes.
  ///
  /// @throws IOException if they cannot be written: names the path and what to do; the old file is
  ///   unchanged and no temporary file is left
  public static void write(Path path, Body body) throws IOException {
    Path target = path.toAbsolutePath();
    Path name = target.getFileName();
    Path folder = target.getParent();
    if (name == null || folder == null || Files.isDirectory(target)) {
      throw new IOException("[file] the path must name a file; got " + path + "; add a file name");
    }
    Path temporary = folder.resolve("." + name + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        body.write(channel);
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failed) {
      throw explained(path, folder, failed, remove(temporary));
    } catch (RuntimeException | Error failed) {
      remove(temporary);
      throw failed;
    }
    force(folder);
  }

  /// [#write(Path, Body)] of bytes at hand.
  ///
  /// @throws IOException as there
  public static void write(Path path, byte[] bytes) throws IOException {
    write(path, channel -> TensorBytes.writeFully(ByteBuffer.wrap(bytes), channel));
  }

  /// Removes the temporary file and says whether it is gone.
  private static boolean remove(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
      return true;
    } catch (IOException _) {
      return false; // the failure of the write itself is the one to report
    }
  }

  private static IOException explained(
      Path path, Path folder, IOException failed, boolean removed) {
    String fix;
    if (!Files.isDirectory(folder)) {
      fix = "create the folder " + folder;
    } else if (failed instanceof AtomicMoveNotSupportedException) {
      fix = "choose a folder on a local file system";
    } else {
      fix = "check free space, quota and write permission of " + folder + ", or choose another";
    }
    return new IOException(
        "[file] cannot write "
            + path
            + " ("
            + reason(failed)
            + "); an old file there is unchanged"
            + (removed ? "" : ", a .tmp file beside it is left over")
            + "; "
            + fix,
        failed);
  }

  private static String reason(IOException failed) {
    String reason = failed.getMessage();
    if (failed instanceof FileSystemException system && system.getReason() != null) {
      reason = system.getReason();
    }
    return failed.getClass().getSimpleName() + (reason == null ? "" : ": " + reason);
  }

  /// Makes the new name itself durable. Some systems cannot open a folder: there the name follows
  /// with the next flush of the file system.
  private static void force(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException _) {
      // the file is complete under its name; only its survival of a power cut is less certain
    }
  }
}
