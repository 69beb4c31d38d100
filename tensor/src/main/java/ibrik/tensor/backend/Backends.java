package ibrik.tensor.backend;

import ibrik.tensor.Device;
import ibrik.tensor.reference.ReferenceBackend;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;

/// The backends on the class path, found once by [ServiceLoader] on first use. The log states each
/// one that was chosen and, with the remedy, each one that refused.
public final class Backends {
  private static final Logger LOG = System.getLogger(Backends.class.getName());

  private Backends() {}

  private static final class Found {
    static final Map<String, Backend> BY_NAME = load();
    static final Map<String, String> REFUSALS = refusals();

    private static Map<String, Backend> load() {
      Map<String, Backend> found = new LinkedHashMap<>();
      ReferenceBackend reference = new ReferenceBackend();
      found.put(reference.name(), reference);
      for (Backend backend : ServiceLoader.load(Backend.class)) {
        String refusal = backend.refusal();
        if (refusal == null) {
          found.put(backend.name(), backend);
          LOG.log(Level.DEBUG, "backend {0}: {1}", backend.name(), backend.description());
        } else {
          LOG.log(Level.WARNING, "backend {0} is not used: {1}", backend.name(), refusal);
        }
      }
      if (!found.containsKey(Device.CPU.backend())) {
        LOG.log(
            Level.WARNING,
            "no cpu backend on the class path: the scalar reference serves instead (slow); add"
                + " ibrik-kernels-cpu and the flag --add-modules jdk.incubator.vector");
        found.put(Device.CPU.backend(), reference);
      }
      return Collections.unmodifiableMap(found);
    }

    private static Map<String, String> refusals() {
      Map<String, String> refused = new LinkedHashMap<>();
      for (Backend backend : ServiceLoader.load(Backend.class)) {
        String refusal = backend.refusal();
        if (refusal != null) {
          refused.put(backend.name(), refusal);
        }
      }
      return Collections.unmodifiableMap(refused);
    }
  }

  /// The backend that serves `device`.
  ///
  /// @throws IllegalArgumentException if no such backend is present; the message lists those that
  ///   are, and why others refused
  public static Backend of(Device device) {
    Backend backend = Found.BY_NAME.get(device.backend());
    if (backend == null || device.index() >= backend.devices()) {
      String why = Found.REFUSALS.get(device.backend());
      throw new IllegalArgumentException(
          "[device] no device "
              + device
              + " here"
              + (why == null ? "" : ": " + why)
              + "; present: "
              + Found.BY_NAME.keySet());
    }
    return backend;
  }

  /// All backends that can run, the reference first.
  public static Collection<Backend> all() {
    return Found.BY_NAME.values().stream().distinct().toList();
  }

  /// Backends on the class path that cannot run here, by name, each with reason and remedy.
  public static Map<String, String> refused() {
    return Found.REFUSALS;
  }

  /// Sets how many threads host backends use. Results do not depend on it.
  public static void threads(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("[threads] must be at least 1; got " + count);
    }
    all().forEach(backend -> backend.threads(count));
  }
}
