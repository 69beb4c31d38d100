package ibrik.tensor.reference;

import ibrik.tensor.backend.Buffer;
import java.lang.foreign.MemorySegment;

/// Host access to buffers of the reference pool.
final class Buffers {
  private Buffers() {}

  static MemorySegment host(Buffer buffer) {
    MemorySegment host = buffer.host();
    if (host == null) {
      throw new IllegalStateException("[reference] buffer is not in host memory");
    }
    return host;
  }
}
