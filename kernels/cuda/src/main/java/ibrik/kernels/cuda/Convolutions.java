package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.DeviceInfo;
import ibrik.kernels.cuda.driver.Dnn;
import ibrik.kernels.cuda.driver.Dnn.Choice;
import ibrik.kernels.cuda.driver.Dnn.Convolution;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Which algorithm of the library each convolution takes on one device: chosen once per shape,
/// types, attributes, device and version, and kept on disk, so that later processes choose alike.
final class Convolutions {
  private final Dnn dnn;
  private final DeviceInfo device;
  private final Policy policy;
  private final @Nullable KeyedFiles files;
  private final Map<Convolution, Plan> plans = new ConcurrentHashMap<>();

  /// How algorithms are chosen and numbers rounded.
  ///
  /// @param choice among which algorithms, and by what
  /// @param tf32 whether f32 may be rounded to 10 bits of mantissa before it is multiplied
  /// @param folder where choices are kept; `null` keeps none
  record Policy(Choice choice, boolean tf32, @Nullable Path folder) {
    /// Deterministic, f32 as f32, nothing kept.
    static final Policy DEFAULT = new Policy(Choice.HEURISTIC, false, null);
  }

  /// @param algorithm number of the library's algorithm
  /// @param workspaceBytes what it needs
  record Plan(int algorithm, long workspaceBytes) {}

  Convolutions(Dnn dnn, DeviceInfo device, Policy policy) {
    this.dnn = dnn;
    this.device = device;
    this.policy = policy;
    Path folder = policy.folder();
    this.files =
        folder == null ? null : new KeyedFiles(folder, "ibrik convolution 1", ".convolution");
  }

  /// The plan of `convolution`. The first question for a shape may measure, and waits then: not
  /// inside a capture.
  Plan plan(Convolution convolution, long stream) {
    Plan known = plans.get(convolution);
    if (known == null) {
      known = find(convolution, stream);
      plans.put(convolution, known);
    }
    return known;
  }

  private Plan find(Convolution convolution, long stream) {
    if (files == null) {
      return chosen(convolution, stream);
    }
    byte[] key = key(convolution);
    byte[] kept = files.read(key);
    if (kept != null && kept.length == Integer.BYTES) {
      int algorithm = ByteBuffer.wrap(kept).getInt();
      long bytes = dnn.workspaceBytes(convolution, algorithm, stream);
      if (bytes >= 0) {
        return new Plan(algorithm, bytes);
      }
    }
    Plan plan = chosen(convolution, stream);
    files.write(key, ByteBuffer.allocate(Integer.BYTES).putInt(plan.algorithm).array());
    return plan;
  }

  private Plan chosen(Convolution convolution, long stream) {
    int algorithm = dnn.choose(convolution, policy.choice(), stream);
    return new Plan(algorithm, dnn.workspaceBytes(convolution, algorithm, stream));
  }

  /// All that a choice depends on, in words: a record prints its components.
  private byte[] key(Convolution convolution) {
    return String.join(
            "\n",
            dnn.version(),
            device.name() + " " + device.arch() + " " + device.multiprocessors(),
            policy.choice().toString(),
            convolution.toString())
        .getBytes(StandardCharsets.UTF_8);
  }

  /// Enqueues a convolution by its plan; `workspace` has the bytes that it says.
  void run(Convolution c, Plan plan, long x, long w, long y, long workspace, long stream) {
    dnn.run(c, plan.algorithm, x, w, y, workspace, plan.workspaceBytes, stream);
  }
}
