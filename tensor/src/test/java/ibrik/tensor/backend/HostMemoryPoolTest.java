package ibrik.tensor.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class HostMemoryPoolTest {
  private final HostMemoryPool pool = new HostMemoryPool(false);

  private static MemorySegment host(Buffer buffer) {
    return Objects.requireNonNull(buffer.host());
  }

  @Test
  void countsWhatIsAskedForAndWhatIsReserved() {
    try (Buffer a = pool.allocate(100);
        Buffer b = pool.allocate(300)) {
      assertEquals(100, a.bytes());
      assertEquals(300, host(b).byteSize());
      assertEquals(400, pool.liveBytes());
      assertEquals(128 + 320, pool.reservedBytes());
    }
    assertEquals(0, pool.liveBytes());
    assertEquals(400, pool.peakBytes());
    assertEquals(448, pool.reservedBytes(), "kept for reuse");
    pool.trim();
    assertEquals(0, pool.reservedBytes());
    pool.resetPeak();
    assertEquals(0, pool.peakBytes());
  }

  @Test
  void reusesABlockOfTheSameSizeClass() {
    Buffer first = pool.allocate(1000);
    long address = host(first).address();
    first.close();
    first.close(); // a second close must not hand the block out twice
    try (Buffer second = pool.allocate(1020);
        Buffer third = pool.allocate(1000)) {
      assertEquals(address, host(second).address());
      assertTrue(host(third).address() != address);
      assertEquals(2020, pool.liveBytes());
    }
  }

  @Test
  void trimLeavesBlocksInUseAlone() {
    try (Buffer used = pool.allocate(64)) {
      pool.allocate(64).close();
      pool.trim();
      assertEquals(64, pool.reservedBytes());
      host(used).set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    }
  }

  @Property(tries = 200)
  void sizeClassesWasteAtMostAQuarter(@ForAll @LongRange(min = 257, max = 1L << 40) long bytes) {
    long capacity = HostMemoryPool.sizeClass(bytes);
    assertTrue(capacity >= bytes);
    assertTrue(capacity - bytes < capacity / 4, () -> bytes + " -> " + capacity);
    assertEquals(capacity, HostMemoryPool.sizeClass(capacity), "a class is its own class");
    assertEquals(0, capacity % 64);
  }

  @Property(tries = 100)
  void smallBlocksAreWholeCacheLines(@ForAll @LongRange(min = 0, max = 256) long bytes) {
    long capacity = HostMemoryPool.sizeClass(bytes);
    assertTrue(capacity >= Math.max(bytes, 64) && capacity < bytes + 64 + 1 && capacity % 64 == 0);
  }

  @Test
  void blocksAreAligned() {
    for (long bytes : new long[] {0, 1, 65, 5000}) {
      try (Buffer buffer = pool.allocate(bytes)) {
        assertEquals(0, host(buffer).address() % HostMemoryPool.HEADER_BYTES);
      }
    }
  }

  @Test
  void poisonShowsUnwrittenElements() {
    HostMemoryPool poisoned = new HostMemoryPool(true);
    try (Buffer buffer = poisoned.allocate(12)) {
      for (float f : host(buffer).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED)) {
        assertTrue(Float.isNaN(f));
      }
    }
  }

  @Test
  void aFailedAllocationChangesNoCount() {
    assertThrows(IllegalArgumentException.class, () -> pool.allocate(-1));
    String message =
        assertThrows(OutOfMemoryError.class, () -> pool.allocate(1L << 60)).getMessage();
    assertEquals(
        "[memory] host has no room for 1152921504606846976 bytes; 0 bytes are live, 0 reserved;"
            + " use a smaller batch or model, or, where the machine has more,"
            + " -XX:MaxDirectMemorySize, which is the heap's limit unless given",
        message);
    assertEquals(0, pool.liveBytes());
    assertEquals(0, pool.reservedBytes());
    assertEquals(0, pool.peakBytes());
  }
}
