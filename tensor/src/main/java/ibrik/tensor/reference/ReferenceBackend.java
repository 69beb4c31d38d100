package ibrik.tensor.reference;

import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Backend;
import ibrik.tensor.backend.Buffer;
import ibrik.tensor.backend.HostMemoryPool;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.backend.MemoryPool;
import ibrik.tensor.op.Op;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The scalar backend: one plain loop per primitive op, f64 accumulation, every working type. Slow
/// by design; it says what the ops mean, and every other kernel is tested against it. Fused ops
/// have no kernel here: their composition is their meaning.
public final class ReferenceBackend implements Backend {
  private final HostMemoryPool memory =
      new HostMemoryPool(Boolean.getBoolean("ibrik.memory.poison"));

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public String description() {
    return "scalar loops with f64 accumulation, one thread";
  }

  @Override
  public MemoryPool memory(int index) {
    return memory;
  }

  @Override
  public @Nullable Kernel kernel(Op op, List<TensorSpec> in) {
    return ReferenceKernels.of(op);
  }

  @Override
  public void download(Buffer from, long offsetBytes, MemorySegment to, long bytes) {
    MemorySegment.copy(Buffers.host(from), offsetBytes, to, 0, bytes);
  }

  @Override
  public void upload(MemorySegment from, Buffer to, long offsetBytes, long bytes) {
    MemorySegment.copy(from, 0, Buffers.host(to), offsetBytes, bytes);
  }
}
