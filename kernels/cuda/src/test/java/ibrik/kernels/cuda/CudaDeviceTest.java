package ibrik.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.kernels.cuda.driver.Arguments;
import ibrik.kernels.cuda.driver.Grid;
import ibrik.kernels.cuda.driver.RecordingDriver;
import ibrik.tensor.backend.Recording;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Launches, modules and graphs, against a driver that writes down what it is asked.
class CudaDeviceTest {
  private static final CudaSource SOURCE = CudaSource.ofText("a.cu", "text");

  private final Recorded recorded = Recorded.of(1 << 24);
  private final RecordingDriver driver = recorded.driver();
  private final CudaDevice gpu = recorded.backend().gpu(0);

  @Test
  void aKernelIsCompiledLoadedAndFoundOnce() {
    for (int i = 0; i < 3; i++) {
      gpu.kernel(SOURCE, "k").i32(i).run(Grid.of(2, 64));
    }
    gpu.kernel(SOURCE, "other").run(Grid.of(1, 32));
    assertEquals(1, driver.count("compile"));
    assertEquals(1, driver.count("load"));
    assertEquals(1, driver.count("function k"));
    assertEquals(1, driver.count("function other"));
    assertEquals(3, driver.count("launch grid (2,1,1), block (64,1,1) with 1"));
    assertEquals(1, driver.count("launch grid (1,1,1), block (32,1,1) with 0"));
    assertEquals(0, driver.count("synchronize"), "a launch waits for nothing");
  }

  @Test
  void nothingIsLaunchedForNoItems() {
    gpu.kernel(SOURCE, "k").run(Grid.strided(0, 256, 10));
    gpu.kernel(SOURCE, "k").run(Grid.of(3, 0, 1, 32, 8));
    assertEquals(0, driver.count("launch"));
  }

  @Test
  void gridsCoverTheirItems() {
    assertEquals(Grid.of(3, 256), Grid.strided(513, 256, 10));
    assertEquals(Grid.of(10, 256), Grid.strided(1 << 20, 256, 10));
    assertEquals("grid (3,2,1), block (32,8,1)", Grid.of(3, 2, 1, 32, 8).toString());
  }

  @Test
  void argumentsLieAsTheDriverReadsThem() {
    Arguments a = new Arguments();
    a.add(1).add(2L).add(3f).add(new long[] {4, 5}).add(6.0);
    Arguments b = a.copy();
    a.clear().add(9);
    assertEquals(5, b.count());
    assertEquals(1, value(b, 0).get(ValueLayout.JAVA_INT, 0));
    assertEquals(2, value(b, 1).get(ValueLayout.JAVA_LONG, 0));
    assertEquals(3, value(b, 2).get(ValueLayout.JAVA_FLOAT, 0));
    assertEquals(5, value(b, 3).get(ValueLayout.JAVA_LONG, 8));
    assertEquals(6, value(b, 4).get(ValueLayout.JAVA_DOUBLE, 0));
    assertEquals(0, value(b, 4).address() % 8);
    assertThrows(IllegalStateException.class, () -> new Arguments().add(new long[600]));
  }

  @SuppressWarnings("restricted") // the table holds addresses
  private static MemorySegment value(Arguments arguments, int index) {
    long at = arguments.table().getAtIndex(ValueLayout.JAVA_LONG, index);
    return MemorySegment.ofAddress(at).reinterpret(16);
  }

  @Test
  void aRecordingIsLaunchedAsOneAndFreedOnce() {
    Recording recording =
        gpu.record(
            () -> {
              gpu.kernel(SOURCE, "k").run(Grid.of(1, 32));
              gpu.kernel(SOURCE, "k").run(Grid.of(2, 32));
            });
    recording.replay();
    recording.replay();
    recording.close();
    recording.close();
    assertEquals(1, driver.count("beginCapture"));
    assertEquals(1, driver.count("endCapture"));
    assertEquals(2, driver.count("launchGraph"));
    assertEquals(1, driver.count("destroyGraph"));
    assertTrue(
        driver.calls.indexOf("synchronize stream") < driver.calls.indexOf("destroyGraph"),
        "a graph that may be running is not destroyed");
  }

  @Test
  void aCaptureThatFailsIsEnded() {
    IllegalStateException failed =
        assertThrows(
            IllegalStateException.class,
            () ->
                gpu.record(
                    () -> {
                      throw new IllegalStateException("in the middle");
                    }));
    assertEquals("in the middle", failed.getMessage());
    assertEquals(
        List.of("beginCapture", "endCapture", "destroyGraph"),
        driver.calls.subList(driver.calls.size() - 3, driver.calls.size()));
  }

  @Test
  void scratchGrowsAndKeepsWhatAGraphKnows() {
    long small = gpu.scratch(10);
    assertEquals(small, gpu.scratch(65_536));
    long larger = gpu.scratch(65_537);
    assertEquals(1, driver.count("free 65536"));
    gpu.record(() -> {}).close();
    assertEquals(larger, gpu.scratch(100_000));
    gpu.scratch(200_000);
    assertEquals(1, driver.count("free"), "what a graph may know is kept");
    assertFalse(driver.calls.contains("free 131072"));
  }
}
