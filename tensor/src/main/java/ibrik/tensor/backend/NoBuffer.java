package ibrik.tensor.backend;

import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// What stands for memory in a step that is traced and not run: a size and no bytes. It counts in
/// scopes as real memory would, so caps and reports work without any.
public final class NoBuffer implements Buffer {
  private final long bytes;
  private final LongConsumer onClose;
  private boolean closed;

  /// Stands for `bytes` bytes; `onClose` is told the number when they would be freed.
  public NoBuffer(long bytes, LongConsumer onClose) {
    this.bytes = bytes;
    this.onClose = onClose;
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
    if (!closed) {
      closed = true;
      onClose.accept(bytes);
    }
  }
}
