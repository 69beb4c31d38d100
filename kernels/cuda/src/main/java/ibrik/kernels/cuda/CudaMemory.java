package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.CudaException;
import ibrik.tensor.TensorScope;
import ibrik.tensor.backend.Buffer;
import ibrik.tensor.backend.MemoryPool;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The memory of one device, kept for reuse by size class, counted and capped.
///
/// All work is enqueued on one stream. So a block that is freed can be handed out at once: what is
/// enqueued later runs after what still reads it. Nothing waits for the device but [#trim()] and
/// running out.
final class CudaMemory implements MemoryPool {
  private static final long SMALLEST = 512;

  private final CudaDevice gpu;
  private final long capBytes;
  private final boolean exact;
  private final Map<Long, Deque<Long>> kept = new TreeMap<>();
  private long liveBytes;
  private long peakBytes;
  private long reservedBytes;

  /// @param capBytes most bytes that may be live; [Long#MAX_VALUE] leaves it to the device
  /// @param exact whether to keep no blocks and round no sizes, so that faults are seen
  CudaMemory(CudaDevice gpu, long capBytes, boolean exact) {
    this.gpu = gpu;
    this.capBytes = capBytes;
    this.exact = exact;
  }

  CudaDevice gpu() {
    return gpu;
  }

  /// Four steps per power of two: at most a quarter of a block is waste.
  long sizeClass(long bytes) {
    if (exact || bytes <= SMALLEST) {
      return Math.max(bytes, exact ? 1 : SMALLEST);
    }
    long step = Long.highestOneBit(bytes - 1) / 4;
    return Math.ceilDiv(bytes, step) * step;
  }

  @Override
  public Buffer allocate(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("[memory] bytes must not be negative; got " + bytes);
    }
    long capacity = sizeClass(bytes);
    Long known;
    synchronized (this) {
      if (bytes > capBytes - liveBytes) {
        throw full(bytes, liveBytes, "a cap of " + capBytes + " bytes is set", null);
      }
      Deque<Long> same = kept.get(capacity);
      known = same == null ? null : same.pollFirst();
      liveBytes += bytes; // first, so that two threads do not pass the cap together
      peakBytes = Math.max(peakBytes, liveBytes);
    }
    try {
      return new CudaBuffer(this, known == null ? take(capacity, bytes) : known, bytes);
    } catch (RuntimeException | Error failed) {
      synchronized (this) {
        liveBytes -= bytes;
      }
      throw failed;
    }
  }

  /// Once more after giving back what is kept: a block of another size may be in the way.
  private long take(long capacity, long bytes) {
    try {
      return reserve(capacity);
    } catch (CudaException first) {
      if (first.code() != CudaException.OUT_OF_MEMORY) {
        throw first;
      }
      trim();
      try {
        return reserve(capacity);
      } catch (CudaException second) {
        if (second.code() != CudaException.OUT_OF_MEMORY) {
          throw second;
        }
        String limit = "the device has " + gpu.info().memoryBytes() + " bytes";
        throw full(bytes, liveBytes() - bytes, limit, second);
      }
    }
  }

  private long reserve(long capacity) {
    long address = gpu.allocate(capacity);
    synchronized (this) {
      reservedBytes += capacity;
    }
    return address;
  }

  private OutOfMemoryError full(long bytes, long live, String limit, @Nullable Throwable cause) {
    OutOfMemoryError error =
        new OutOfMemoryError(
            "[memory] "
                + gpu
                + " has no room for "
                + bytes
                + " bytes; "
                + live
                + " bytes are live, "
                + reservedBytes()
                + " reserved, "
                + limit
                + largest()
                + "; use a smaller batch or model");
    error.initCause(cause);
    return error;
  }

  /// The largest tensors of the open scopes, by the op that made them.
  private static String largest() {
    String report = TensorScope.largest(5);
    return report.isEmpty() ? "" : ", the largest are " + report;
  }

  void free(long address, long bytes) {
    long capacity = sizeClass(bytes);
    synchronized (this) {
      liveBytes -= bytes;
      if (!exact) {
        kept.computeIfAbsent(capacity, _ -> new ArrayDeque<>()).addFirst(address);
        return;
      }
      reservedBytes -= capacity;
    }
    gpu.free(address);
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
  public synchronized long reservedBytes() {
    return reservedBytes;
  }

  @Override
  public synchronized void trim() {
    gpu.synchronize();
    kept.forEach(
        (capacity, blocks) -> {
          for (long address : blocks) {
            gpu.free(address);
            reservedBytes -= capacity;
          }
        });
    kept.clear();
  }
}
