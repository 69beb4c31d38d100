package ibrik.tensor.backend;

import ibrik.tensor.Device;
import ibrik.tensor.reference.ReferenceBackend;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The backends on the class path, found once by [ServiceLoader] on first use. Whether one can run
/// is asked when it is wanted, so that a program on the cpu does not wait for the driver of a GPU.
public final class Backends {
  /// Stands for the fastest kind of device that is here, see [#device].
  public static final String AUTO = "auto";

  private static final Logger LOG = System.getLogger(Backends.class.getName());

  private Backends() {}

  /// A backend on the class path. Whether it can run is asked when somebody wants it: the answer
  /// may need a look at drivers and devices.
  private static final class Candidate {
    final Backend backend;
    private volatile boolean asked;
    private volatile @Nullable String refusal;

    Candidate(Backend backend) {
      this.backend = backend;
    }

    @Nullable String refusal() {
      if (!asked) {
        ask();
      }
      return refusal;
    }

    private synchronized void ask() {
      if (asked) {
        return;
      }
      String answer = backend.refusal();
      if (answer == null) {
        LOG.log(Level.DEBUG, "backend {0}: {1}", backend.name(), backend.description());
      } else {
        // Everybody wants the cpu; who wants another device gets the reason with the error.
        Level level = backend.name().equals(Device.CPU.backend()) ? Level.WARNING : Level.DEBUG;
        LOG.log(level, "backend {0} is not used: {1}", backend.name(), answer);
      }
      refusal = answer;
      asked = true; // last: who sees it sees the answer
    }
  }

  private static final class Found {
    static final Map<String, Candidate> BY_NAME = load();

    private static Map<String, Candidate> load() {
      Map<String, Candidate> found = new LinkedHashMap<>();
      ReferenceBackend reference = new ReferenceBackend();
      found.put(reference.name(), new Candidate(reference));
      for (Backend backend : ServiceLoader.load(Backend.class)) {
        found.put(backend.name(), new Candidate(backend));
      }
      Candidate cpu = found.get(Device.CPU.backend());
      if (cpu == null || cpu.refusal() != null) {
        LOG.log(
            Level.WARNING,
            "no cpu backend on the class path: the scalar reference serves instead (slow); add"
                + " ibrik-kernels-cpu and the flag --add-modules jdk.incubator.vector");
      }
      return Collections.unmodifiableMap(found);
    }
  }

  /// The backend of that name if it can run. The reference stands in for an absent cpu.
  private static @Nullable Backend running(String name) {
    Candidate candidate = Found.BY_NAME.get(name);
    if (candidate != null && candidate.refusal() == null) {
      return candidate.backend;
    }
    return name.equals(Device.CPU.backend()) ? running(Device.REFERENCE.backend()) : null;
  }

  private static Set<String> running() {
    Set<String> names = new LinkedHashSet<>();
    Found.BY_NAME.forEach(
        (name, candidate) -> {
          if (candidate.refusal() == null) {
            names.add(name);
          }
        });
    names.add(Device.CPU.backend());
    return names;
  }

  /// The backend that serves `device`.
  ///
  /// @throws IllegalArgumentException if no such backend is present; the message lists those that
  ///   are, and why others refused
  public static Backend of(Device device) {
    Backend backend = running(device.backend());
    if (backend == null || device.index() >= backend.devices()) {
      String why = refused().get(device.backend());
      throw new IllegalArgumentException(
          "[device] no device "
              + device
              + " here"
              + (why == null ? "" : ": " + why)
              + "; present: "
              + running()
              + "; name one of these, or auto");
    }
    return backend;
  }

  /// The device that `text` names: `cpu`, `cuda:1`, or `auto` for the fastest kind that is here,
  /// the first GPU or else the cpu.
  ///
  /// @throws IllegalArgumentException if the text has another form, or no such device is here
  public static Device device(String text) {
    if (!text.equals(AUTO)) {
      Device device = Device.parse(text);
      of(device);
      return device;
    }
    Device gpu = new Device("cuda", 0);
    return running(gpu.backend()) == null ? Device.CPU : gpu;
  }

  /// All backends that can run, the reference first.
  public static Collection<Backend> all() {
    return running().stream()
        .map(name -> Objects.requireNonNull(running(name)))
        .distinct()
        .toList();
  }

  /// Backends on the class path that cannot run here, by name, each with reason and remedy.
  public static Map<String, String> refused() {
    Map<String, String> refused = new LinkedHashMap<>();
    Found.BY_NAME.forEach(
        (name, candidate) -> {
          String refusal = candidate.refusal();
          if (refusal != null) {
            refused.put(name, refusal);
          }
        });
    return Collections.unmodifiableMap(refused);
  }

  /// Sets how many threads host backends use. Results do not depend on it.
  public static void threads(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("[threads] must be at least 1; got " + count);
    }
    Found.BY_NAME.values().forEach(candidate -> candidate.backend.threads(count));
  }
}
