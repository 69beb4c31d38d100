package ibrik.ssl.cli;

import ibrik.ssl.config.DataConfig;
import ibrik.ssl.config.Request;
import ibrik.ssl.data.DataSets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Finds the folder of a data set: `--data-dir`, else the environment's `IBRIK_DATA`.
final class DataPaths {
  static final String VARIABLE = "IBRIK_DATA";

  private DataPaths() {}

  /// Writes the folder that was found, as an absolute path, into the request: a run goes on from
  /// any working folder.
  static void fill(Request request) {
    DataConfig data = request.data();
    String dir = data.dir();
    @Nullable Path found =
        DataSets.locate(data.name(), dir == null ? null : Path.of(dir), System.getenv(VARIABLE));
    if (found != null) {
      request.set("data.dir", found.toAbsolutePath().normalize().toString());
    }
    if (data.masked()) {
      request.set(
          "data.saliency", Path.of(data.saliency()).toAbsolutePath().normalize().toString());
    }
  }
}
