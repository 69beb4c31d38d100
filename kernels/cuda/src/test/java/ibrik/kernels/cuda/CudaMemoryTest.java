package ibrik.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.kernels.cuda.driver.RecordingDriver;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.backend.Buffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Memory and transfers of a device, against a driver that writes down what it is asked.
class CudaMemoryTest {
  private final Recorded recorded = Recorded.of(1 << 20);
  private final RecordingDriver driver = recorded.driver();
  private final CudaMemory memory = recorded.backend().gpu(0).memory();

  @Test
  void aFreedBlockIsHandedOutAgainWithoutTheDriver() {
    long first;
    try (CudaBuffer a = (CudaBuffer) memory.allocate(1000)) {
      first = a.address();
    }
    try (CudaBuffer b = (CudaBuffer) memory.allocate(900)) { // the same size class
      assertEquals(first, b.address());
      assertEquals(900, b.bytes());
    }
    assertEquals(1, driver.count("allocate"));
    assertEquals(0, driver.count("free"));
    assertEquals(0, driver.count("synchronize"));
  }

  @Test
  void sizeClassesWasteAQuarterAtMost() {
    for (long bytes = 1; bytes < 1L << 34; bytes += 1 + bytes / 3) {
      long capacity = memory.sizeClass(bytes);
      assertTrue(capacity >= bytes, () -> "too small");
      assertTrue(capacity <= Math.max(512, bytes + bytes / 4 + 1), bytes + ": " + capacity);
      assertEquals(capacity, memory.sizeClass(capacity), "a class is its own");
    }
  }

  @Test
  void countsWhatLives() {
    Buffer a = memory.allocate(1000);
    Buffer b = memory.allocate(0);
    assertNotEquals(0, ((CudaBuffer) b).address());
    assertEquals(1000, memory.liveBytes());
    assertEquals(1024 + 512, memory.reservedBytes());
    a.close();
    a.close(); // a second close does nothing
    b.close();
    assertEquals(0, memory.liveBytes());
    assertEquals(1000, memory.peakBytes());
    memory.resetPeak();
    assertEquals(0, memory.peakBytes());
    memory.trim();
    assertEquals(0, memory.reservedBytes());
    assertEquals(2, driver.count("free"));
  }

  @Test
  void whenTheDeviceIsFullKeptBlocksGoFirst() {
    memory.allocate(600_000).close(); // kept
    try (Buffer b = memory.allocate(900_000)) { // together more than the device has
      assertEquals(900_000, b.bytes());
    }
    assertEquals(
        List.of("synchronize stream", "free 655360", "allocate 917504"),
        driver.calls.subList(driver.calls.size() - 3, driver.calls.size()));
  }

  @Test
  void outOfMemoryNamesWhatLivesAndLeavesAllUsable() {
    List<Buffer> held = new ArrayList<>();
    held.add(memory.allocate(700_000));
    try (TensorScope _ = TensorScope.open()) {
      Tensors.zeros(new TensorSpec(DType.F32, Shape.of(250)), Device.REFERENCE);
      Tensors.zeros(new TensorSpec(DType.F32, Shape.of(7)), Device.REFERENCE).exp();
      OutOfMemoryError full = assertThrows(OutOfMemoryError.class, () -> memory.allocate(900_000));
      assertEquals(
          "[memory] cuda:0 (paper) has no room for 900000 bytes; 700000 bytes are live, 786432"
              + " reserved, the device has 1048576 bytes, the largest are fill f32[250] (1000 B),"
              + " fill f32[7] (28 B), exp f32[7] (28 B); use a smaller batch or model",
          full.getMessage());
    }
    assertEquals(700_000, memory.liveBytes());
    held.getFirst().close();
    memory.allocate(900_000).close();
    assertEquals(0, memory.liveBytes());
  }

  @Test
  void aCapHolds() {
    CudaMemory capped =
        new Recorded(
                new RecordingDriver(1 << 20), 1000, ImageCache.none(), Convolutions.Policy.DEFAULT)
            .backend()
            .gpu(0)
            .memory();
    try (Buffer a = capped.allocate(600)) {
      assertEquals(600, a.bytes());
      assertTrue(
          assertThrows(OutOfMemoryError.class, () -> capped.allocate(401))
              .getMessage()
              .contains("a cap of 1000 bytes is set"));
      capped.allocate(400).close();
    }
  }

  @Test
  void numbersComeBackAsTheyWent() {
    long floats = 700_001; // goes in several halves, the last one not full
    CudaBackend backend = Recorded.of(1 << 22).backend();
    try (Arena arena = Arena.ofConfined();
        Buffer on = backend.memory(0).allocate(4 * floats + 4)) {
      MemorySegment numbers = arena.allocate(4 * floats, 4);
      for (long i = 0; i < floats; i++) {
        numbers.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) i);
      }
      backend.upload(numbers, on, 4, 4 * floats);
      numbers.fill((byte) 0);
      MemorySegment back = arena.allocate(4 * floats, 4);
      backend.download(on, 4, back, 4 * floats);
      for (long i = 0; i < floats; i++) {
        assertEquals((float) i, back.getAtIndex(ValueLayout.JAVA_FLOAT, i));
      }
    }
  }
}
