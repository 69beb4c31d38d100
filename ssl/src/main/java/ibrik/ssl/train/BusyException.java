package ibrik.ssl.train;

import java.nio.file.Path;

/// Another process works in a run's folder.
public final class BusyException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  BusyException(Path path) {
    super("[run] another process works in " + path + "; wait for it, or choose another --out");
  }
}
