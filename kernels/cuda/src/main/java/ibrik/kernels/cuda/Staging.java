package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Driver;
import java.lang.foreign.MemorySegment;

/// Page-locked host memory through which numbers go to the device and come back, in two halves:
/// while one is on its way, the other is filled.
final class Staging {
  private static final long HALF_BYTES = 1 << 20;

  private final Driver driver;
  private final long stream;
  private final long[] sent = new long[2];
  private long address;
  private MemorySegment memory = MemorySegment.NULL;

  Staging(Driver driver, long stream) {
    this.driver = driver;
    this.stream = stream;
  }

  @SuppressWarnings("restricted") // the driver says how long the block is
  private void prepare() {
    if (address == 0) {
      address = driver.allocatePinned(2 * HALF_BYTES);
      memory = MemorySegment.ofAddress(address).reinterpret(2 * HALF_BYTES);
      for (int half = 0; half < 2; half++) {
        sent[half] = driver.createEvent(false);
        driver.record(sent[half], stream);
      }
    }
  }

  /// Copies to the device in stream order; `from` may change once this returns.
  synchronized void upload(MemorySegment from, long to, long bytes) {
    prepare();
    int half = 0;
    for (long at = 0; at < bytes; at += HALF_BYTES, half ^= 1) {
      long some = Math.min(HALF_BYTES, bytes - at);
      driver.synchronizeEvent(sent[half]);
      MemorySegment.copy(from, at, memory, half * HALF_BYTES, some);
      driver.copyToDevice(to + at, address + half * HALF_BYTES, some, stream);
      driver.record(sent[half], stream);
    }
  }

  /// Copies from the device and waits.
  synchronized void download(long from, MemorySegment to, long bytes) {
    prepare();
    for (long at = 0; at < bytes; at += HALF_BYTES) {
      long some = Math.min(HALF_BYTES, bytes - at);
      driver.synchronizeEvent(sent[0]);
      driver.copyToHost(address, from + at, some, stream);
      driver.record(sent[0], stream);
      driver.synchronizeEvent(sent[0]);
      MemorySegment.copy(memory, 0, to, at, some);
    }
  }
}
