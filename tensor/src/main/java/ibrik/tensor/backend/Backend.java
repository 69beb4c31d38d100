package ibrik.tensor.backend;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Op;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A provider of kernels and memory for one kind of device. Found by [java.util.ServiceLoader].
public interface Backend {
  /// The name devices carry: `cpu`, `cuda`, ...
  String name();

  /// One line for `doctor` and logs: what was found, lanes, threads, versions.
  String description();

  /// Why the backend cannot run here and what would enable it, or `null` if it can.
  default @Nullable String refusal() {
    return null;
  }

  /// Number of devices it serves.
  default int devices() {
    return 1;
  }

  /// Sets how many host threads kernels use; backends without host threads ignore it. Results do
  /// not depend on the count.
  default void threads(int count) {}

  /// The memory of device `index`.
  MemoryPool memory(int index);

  /// The kernel for `op` on inputs of these types, or `null` if this backend has none: then the
  /// op's composition runs, or the op falls back to the host.
  @Nullable Kernel kernel(Op op, List<TensorSpec> in);

  /// Copies `bytes` bytes from a buffer to host memory and waits for them.
  void download(Buffer from, long offsetBytes, MemorySegment to, long bytes);

  /// Copies `bytes` bytes from host memory to a buffer.
  void upload(MemorySegment from, Buffer to, long offsetBytes, long bytes);

  /// See [Feed#into]. A device that can copy while it computes has one of its own.
  default Feed feed(Tensor to) {
    return new HostFeed(to);
  }

  /// See [Readout#of]. A device that computes while the host goes on has one of its own.
  default Readout readout(List<Tensor> from) {
    return new HostReadout(from);
  }

  /// Takes down what `kernels` runs on device `index`, without running it, or returns `null` if
  /// this backend gains nothing by it. The kernels have run before, and their tensors stay where
  /// they are until the recording is closed.
  default @Nullable Recording record(int index, Runnable kernels) {
    return null;
  }

  /// Waits until device `index` has done all that was asked of it; nothing to wait for on the host.
  default void synchronize(int index) {}
}
