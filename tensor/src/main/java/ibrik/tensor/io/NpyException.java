package ibrik.tensor.io;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A file is no npy file, or one of a kind that tensors cannot hold. The message names the file and
/// the rule.
public final class NpyException extends IOException {
  private static final long serialVersionUID = 1L;

  /// `[npy] <path>: <rule>`.
  NpyException(Path path, String rule, @Nullable Throwable cause) {
    super("[npy] " + path + ": " + rule, cause);
  }
}
