package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.CudaException;
import ibrik.tensor.backend.Buffer;
import ibrik.tensor.backend.MemoryPool;
import org.jspecify.annotations.Nullable;

/// The memory of one device: the driver's stream-ordered pool, counted and capped. A block that is
/// freed is used again by what is enqueued later, without waiting for the device.
final class CudaMemory implements MemoryPool {
  private final CudaDevice gpu;
  private final long capBytes;
  private long liveBytes;
  private long peakBytes;

  /// @param capBytes most bytes that may be live; [Long#MAX_VALUE] leaves it to the device
  CudaMemory(CudaDevice gpu, long capBytes) {
    this.gpu = gpu;
    this.capBytes = capBytes;
  }

  CudaDevice gpu() {
    return gpu;
  }

  @Override
  public Buffer allocate(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("[memory] bytes must not be negative; got " + bytes);
    }
    synchronized (this) {
      if (bytes > capBytes - liveBytes) {
        throw full(bytes, "a cap of " + capBytes + " bytes is set", null);
      }
      liveBytes += bytes; // first, so that two threads do not pass the cap together
      peakBytes = Math.max(peakBytes, liveBytes);
    }
    try {
      return new CudaBuffer(this, take(bytes), bytes);
    } catch (RuntimeException | Error failed) {
      synchronized (this) {
        liveBytes -= bytes;
      }
      throw failed;
    }
  }

  /// Once more after giving back what the pool keeps: a block of another size may be in the way.
  private long take(long bytes) {
    long some = Math.max(bytes, 1);
    try {
      return gpu.allocate(some);
    } catch (CudaException first) {
      if (first.code() != CudaException.OUT_OF_MEMORY) {
        throw first;
      }
      try {
        gpu.synchronize();
        trim();
        return gpu.allocate(some);
      } catch (CudaException second) {
        if (second.code() != CudaException.OUT_OF_MEMORY) {
          throw second;
        }
        long all = gpu.info().memoryBytes();
        throw full(bytes, "the device has " + all + " bytes", second);
      }
    }
  }

  private OutOfMemoryError full(
      long bytes, String limit, @Nullable Throwable cause) {
    OutOfMemoryError error =
        new OutOfMemoryError(
            "[memory] "
                + gpu
                + " has no room for "
                + bytes
                + " bytes; "
                + liveBytes()
                + " bytes are live, "
                + reservedBytes()
                + " reserved, "
                + limit
                + "; use a smaller batch or model");
    error.initCause(cause);
    return error;
  }

  void free(long address, long bytes) {
    gpu.free(address);
    synchronized (this) {
      liveBytes -= bytes;
    }
  }

  @Override
  public synchronized long liveBytes() {
    return liveBytes;
  }

  @Override
  public synchronized long peakBytes() {
    return peakBytes;
  }

  @Override
  public synchronized void resetPeak() {
    peakBytes = liveBytes;
  }

  @Override
  public long reservedBytes() {
    return gpu.reservedBytes();
  }

  @Override
  public void trim() {
    gpu.trim();
  }
}
