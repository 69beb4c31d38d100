package ibrik.ssl.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.ssl.config.DataConfig;
import ibrik.ssl.config.Json;
import ibrik.ssl.config.Request;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.DataSets;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Methods;
import ibrik.tensor.backend.Backends;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A run that is open: what was asked for, the images, the folder. Everything is checked before a
/// folder is made, so a refused request leaves nothing behind.
///
/// @param config all settings
/// @param data loaded as they say
/// @param folder locked until the session is closed
public record RunSession(RunConfig config, DataSet data, RunFolder folder)
    implements AutoCloseable {

  /// Starts a new run.
  ///
  /// @param command how the user asked for it; kept for the report
  /// @throws IllegalArgumentException if the request breaks a rule, or the folder holds a run
  public static RunSession start(Request request, Path out, String command) {
    if (Files.exists(out.resolve("config.json"))) {
      RunFolder.create(out).close(); // says what is wrong
    }
    DataSet data = images(request.data());
    RunConfig config = request.resolve(data);
    Backends.of(config.device()); // complains about a device that is not here
    new TrainLoop(config, data).newState().close(); // complains about networks that do not fit
    RunFolder folder = RunFolder.create(out);
    try {
      folder.write("config.json", stored(config, data, command));
      return new RunSession(config, data, folder);
    } catch (RuntimeException failed) {
      folder.close();
      throw failed;
    }
  }

  /// Opens a run that is there, to go on with it or to look at it.
  ///
  /// @param request what is asked for besides; null for nothing
  /// @throws IllegalArgumentException if the folder holds no run, a setting asked for differs from
  ///   the run's, its device is not here, or the images are not those it began with
  public static RunSession open(Path path, @Nullable Request request) {
    return open(path, request, null);
  }

  /// Opens a run that is there to look at it on a device of choice.
  ///
  /// @param device as in [Backends#device]; null for that of the run
  /// @throws IllegalArgumentException as in the other form
  public static RunSession open(Path path, @Nullable Request request, @Nullable String device) {
    RunFolder folder = RunFolder.open(path);
    try {
      ObjectNode stored = folder.config();
      MethodFactory<?> method = method(path, stored);
      ObjectNode settings = stored.deepCopy();
      settings.remove("provenance");
      settings.remove("command");
      RunConfig config =
          Objects.requireNonNullElseGet(request, () -> Request.of(method)).resume(settings);
      RunConfig placed = device == null ? config : config.on(Backends.device(device));
      checkDevice(placed, path);
      DataSet data = images(config.data());
      checkFingerprint(stored, data);
      return new RunSession(placed, data, folder);
    } catch (RuntimeException failed) {
      folder.close();
      throw failed;
    }
  }

  private static void checkDevice(RunConfig config, Path path) {
    try {
      Backends.of(config.device());
    } catch (IllegalArgumentException absent) {
      throw new IllegalArgumentException(
          "[run] "
              + path
              + " computes on "
              + config.device()
              + " and goes on there alone, for the same bits: "
              + absent.getMessage()
              + "; `ibrik doctor` says more; `ibrik eval --device auto` measures it here",
          absent);
    }
  }

  private static void checkFingerprint(ObjectNode stored, DataSet data) {
    String fingerprint = stored.path("provenance").path("data_fingerprint").asText();
    if (!data.fingerprint().equals(fingerprint)) {
      throw new IllegalArgumentException(
          "[resume] the images are not those this run began with: fingerprint "
              + data.fingerprint()
              + ", then "
              + fingerprint
              + "; restore the files, or start a new run");
    }
  }

  /// Starts a run with images that are loaded already, or goes on with the one that is there.
  ///
  /// @throws BusyException if another process works in the folder
  /// @throws IllegalArgumentException if the run there has other settings or images
  static RunSession enter(RunConfig config, DataSet data, Path path, String command) {
    RunFolder folder = RunFolder.claim(path);
    try {
      if (Files.exists(folder.file("config.json"))) {
        ObjectNode stored = folder.config();
        checkSettings(config, stored, path);
        checkFingerprint(stored, data);
      } else {
        folder.write("config.json", stored(config, data, command));
      }
      return new RunSession(config, data, folder);
    } catch (RuntimeException failed) {
      folder.close();
      throw failed;
    }
  }

  /// Refuses a stored configuration with other settings.
  static void checkSettings(RunConfig config, ObjectNode stored, Path path) {
    List<String> differences = config.differences(stored);
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "[sweep] "
              + path
              + " holds a run with other settings: "
              + String.join("; ", differences)
              + "; ask for the same, or choose another --out");
    }
  }

  /// The method of a stored run.
  private static MethodFactory<?> method(Path path, ObjectNode stored) {
    String name = stored.path("method").asText();
    return Methods.find(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "[run] " + path + " is of an unknown method '" + name + "'"));
  }

  /// The images that a run sees.
  public static DataSet images(DataConfig config) {
    String dir = config.dir();
    DataSet all =
        DataSets.open(
            new DataSets.Request(
                config.name(),
                dir == null ? null : Path.of(dir),
                config.strict(),
                config.imageSize()));
    DataSet part = all.split(config.split());
    DataSet some = config.limit() > 0 ? part.limit(config.limit()) : part;
    return some.subjects(config.saliency());
  }

  private static ObjectNode stored(RunConfig config, DataSet data, String command) {
    ObjectNode tree = config.toJson();
    ObjectNode provenance = Json.object();
    String version = RunSession.class.getPackage().getImplementationVersion();
    provenance.put("ibrik", Objects.requireNonNullElse(version, "development"));
    provenance.put("java", Runtime.version().toString());
    provenance.put("system", Machine.system());
    provenance.put("cpu", Machine.cpu());
    provenance.put("processors", Runtime.getRuntime().availableProcessors());
    String commit = System.getProperty(Machine.COMMIT);
    if (commit != null) {
      provenance.put("commit", commit);
    }
    provenance.put("backend", Backends.of(config.device()).description());
    provenance.put("data_fingerprint", data.fingerprint());
    provenance.put("train_images", data.train().size());
    provenance.put("test_images", data.test().size());
    provenance.put("started", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    tree.set("provenance", provenance);
    tree.put("command", command);
    return tree;
  }

  @Override
  public void close() {
    folder.close();
  }
}
