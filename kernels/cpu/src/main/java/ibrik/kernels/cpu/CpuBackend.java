package ibrik.kernels.cpu;

import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Backend;
import ibrik.tensor.backend.Buffer;
import ibrik.tensor.backend.HostMemoryPool;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.backend.MemoryPool;
import ibrik.tensor.op.Op;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// SIMD kernels on the host. Threads: system property `ibrik.threads`, else all processors.
public final class CpuBackend implements Backend {
  private final HostMemoryPool memory =
      new HostMemoryPool(Boolean.getBoolean("ibrik.memory.poison"));
  private final CpuPool pool =
      new CpuPool(
          Math.max(
              1, Integer.getInteger("ibrik.threads", Runtime.getRuntime().availableProcessors())));

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String description() {
    return refusal() != null
        ? "not usable"
        : Lanes.COUNT + " f32 lanes, " + pool.threads() + " threads";
  }

  @Override
  public @Nullable String refusal() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
        ? null
        : "the Vector API module is not readable; start java with --add-modules jdk.incubator.vector";
  }

  @Override
  public synchronized void threads(int count) {
    if (pool.threads() != count) {
      pool.resize(count);
    }
  }

  @Override
  public MemoryPool memory(int index) {
    return memory;
  }

  @Override
  public @Nullable Kernel kernel(Op op, List<TensorSpec> in) {
    return CpuKernels.of(op, in, pool);
  }

  @Override
  public void download(Buffer from, long offsetBytes, MemorySegment to, long bytes) {
    MemorySegment.copy(Objects.requireNonNull(from.host()), offsetBytes, to, 0, bytes);
  }

  @Override
  public void upload(MemorySegment from, Buffer to, long offsetBytes, long bytes) {
    MemorySegment.copy(from, 0, Objects.requireNonNull(to.host()), offsetBytes, bytes);
  }
}
