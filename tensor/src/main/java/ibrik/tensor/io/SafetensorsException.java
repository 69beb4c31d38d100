package ibrik.tensor.io;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A file breaks a rule of the safetensors format. The message names the file and the rule.
public final class SafetensorsException extends IOException {
  private static final long serialVersionUID = 1L;

  /// `[safetensors] <path>: <rule>`.
  SafetensorsException(Path path, String rule, @Nullable Throwable cause) {
    super("[safetensors] " + path + ": " + rule, cause);
  }
}
