package ibrik.kernels.cuda;

import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Buffer;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A block of device memory.
final class CudaBuffer implements Buffer {
  private final CudaMemory memory;
  private final long address;
  private final long bytes;
  private boolean closed;

  CudaBuffer(CudaMemory memory, long address, long bytes) {
    this.memory = memory;
    this.address = address;
    this.bytes = bytes;
  }

  /// Where the first element of `tensor` lies.
  ///
  /// @throws IllegalStateException if it is not in the memory of a GPU
  static long address(Tensor tensor) {
    if (tensor.buffer() instanceof CudaBuffer buffer) {
      return buffer.address + tensor.offsetBytes();
    }
    throw new IllegalStateException(
        "[cuda] a kernel needs tensors on the GPU; got "
            + tensor.spec()
            + " on "
            + tensor.device()
            + "; move it with to(device)");
  }

  CudaDevice gpu() {
    return memory.gpu();
  }

  long address() {
    return address;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public @Nullable MemorySegment host() {
    return null;
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    memory.free(address, bytes);
  }
}
