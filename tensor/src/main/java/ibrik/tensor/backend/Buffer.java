package ibrik.tensor.backend;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A block of device memory handed out by a [MemoryPool]. Closing returns it to the pool; a second
/// close does nothing.
public interface Buffer extends AutoCloseable {
  /// Usable bytes.
  long bytes();

  /// The block as host memory, or `null` where the host cannot address it.
  @Nullable MemorySegment host();

  @Override
  void close();
}
