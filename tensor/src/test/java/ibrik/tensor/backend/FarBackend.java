package ibrik.tensor.backend;

import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Op;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A device without kernels whose memory the host cannot address: what an accelerator looks like to
/// the interpreter.
public final class FarBackend implements Backend {
  private final HostMemoryPool behind = new HostMemoryPool(true);

  private record FarBuffer(Buffer behind) implements Buffer {
    @Override
    public long bytes() {
      return behind.bytes();
    }

    @Override
    public @Nullable MemorySegment host() {
      return null;
    }

    @Override
    public void close() {
      behind.close();
    }
  }

  private static MemorySegment inside(Buffer buffer) {
    return Objects.requireNonNull(((FarBuffer) buffer).behind.host());
  }

  @Override
  public String name() {
    return "far";
  }

  @Override
  public String description() {
    return "memory out of the host's reach, no kernels";
  }

  @Override
  public MemoryPool memory(int index) {
    return new MemoryPool() {
      @Override
      public Buffer allocate(long bytes) {
        return new FarBuffer(behind.allocate(bytes));
      }

      @Override
      public long liveBytes() {
        return behind.liveBytes();
      }

      @Override
      public long peakBytes() {
        return behind.peakBytes();
      }

      @Override
      public void resetPeak() {
        behind.resetPeak();
      }

      @Override
      public long reservedBytes() {
        return behind.reservedBytes();
      }

      @Override
      public void trim() {
        behind.trim();
      }
    };
  }

  @Override
  public @Nullable Kernel kernel(Op op, List<TensorSpec> in) {
    return null;
  }

  @Override
  public void download(Buffer from, long offsetBytes, MemorySegment to, long bytes) {
    MemorySegment.copy(inside(from), offsetBytes, to, 0, bytes);
  }

  @Override
  public void upload(MemorySegment from, Buffer to, long offsetBytes, long bytes) {
    MemorySegment.copy(from, 0, inside(to), offsetBytes, bytes);
  }
}
