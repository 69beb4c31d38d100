package ibrik.kernels.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Memory that a thread reuses from call to call for packed and padded operands. Each slot grows to
/// the largest size asked for; its contents are undefined.
final class Scratch {
  /// Numbers the buffers that one kernel needs at the same time.
  enum Slot {
    PACKED_A,
    PACKED_ROWS,
    PACKED_B,
    IMAGE,
    TILE,
    PANEL,
    PARTIAL,
    PRODUCTS,
    WEIGHTS,
    GRADIENT,
    PARAMETERS
  }

  private static final ThreadLocal<Scratch> OWN = ThreadLocal.withInitial(Scratch::new);

  private final MemorySegment[] slots = new MemorySegment[Slot.values().length];

  private Scratch() {
    java.util.Arrays.fill(slots, MemorySegment.NULL);
  }

  /// At least `floats` floats, 64-byte aligned, for this thread.
  static MemorySegment floats(Slot slot, long floats) {
    MemorySegment[] slots = OWN.get().slots;
    MemorySegment found = slots[slot.ordinal()];
    long bytes = floats * 4;
    if (found.byteSize() < bytes) {
      // Freed when the garbage collector finds the old buffer unreachable.
      found = Arena.ofAuto().allocate(bytes + bytes / 4, 64);
      slots[slot.ordinal()] = found;
    }
    return found;
  }
}
