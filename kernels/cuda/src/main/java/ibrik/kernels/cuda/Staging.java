package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Driver;
import java.lang.foreign.MemorySegment;

/// Page-locked host memory through which numbers go to the device and come back, in slots that are
/// used in turn: an upload waits for the device only when as many others are still on their way.
final class Staging {
  private static final int SLOTS = 32;
  private static final long SLOT_BYTES = 128 << 10;

  private final Driver driver;
  private final long stream;
  private final long[] used = new long[SLOTS];
  private long address;
  private MemorySegment memory = MemorySegment.NULL;
  private int next;

  Staging(Driver driver, long stream) {
    this.driver = driver;
    this.stream = stream;
  }

  @SuppressWarnings("restricted") // the driver says how long the block is
  private void prepare() {
    if (address == 0) {
      address = driver.allocatePinned(SLOTS * SLOT_BYTES);
      memory = MemorySegment.ofAddress(address).reinterpret(SLOTS * SLOT_BYTES);
      for (int slot = 0; slot < SLOTS; slot++) {
        used[slot] = driver.createEvent(false);
      }
    }
  }

  /// The slot whose turn it is; what went through it last is done.
  private int slot() {
    int slot = next;
    next = (next + 1) % SLOTS;
    driver.synchronizeEvent(used[slot]);
    return slot;
  }

  /// Copies to the device in stream order; `from` may change once this returns.
  synchronized void upload(MemorySegment from, long to, long bytes) {
    prepare();
    for (long at = 0; at < bytes; at += SLOT_BYTES) {
      long some = Math.min(SLOT_BYTES, bytes - at);
      int slot = slot();
      MemorySegment.copy(from, at, memory, slot * SLOT_BYTES, some);
      driver.copyToDevice(to + at, address + slot * SLOT_BYTES, some, stream);
      driver.record(used[slot], stream);
    }
  }

  /// Copies from the device and waits.
  synchronized void download(long from, MemorySegment to, long bytes) {
    prepare();
    for (long at = 0; at < bytes; at += SLOT_BYTES) {
      long some = Math.min(SLOT_BYTES, bytes - at);
      int slot = slot();
      driver.copyToHost(address + slot * SLOT_BYTES, from + at, some, stream);
      driver.record(used[slot], stream);
      driver.synchronizeEvent(used[slot]);
      MemorySegment.copy(memory, slot * SLOT_BYTES, to, at, some);
    }
  }
}
