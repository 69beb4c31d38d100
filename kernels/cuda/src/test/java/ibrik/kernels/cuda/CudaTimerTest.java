package ibrik.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.kernels.cuda.driver.RecordingDriver;
import ibrik.tensor.Device;
import org.junit.jupiter.api.Test;

/// Events around what is timed, against a driver that writes down what it is asked.
class CudaTimerTest {
  private final Recorded recorded = Recorded.of(1 << 24);
  private final RecordingDriver driver = recorded.driver();

  @Test
  void eventsStandAroundTheWork() {
    CudaDevice gpu = recorded.backend().gpu(0);
    long created = driver.count("createEvent");
    try (CudaTimer timer = new CudaTimer(gpu)) {
      timer.start();
      timer.copy(1 << 10);
      assertEquals(0, driver.count("synchronize"), "nothing waits before the end");
      assertTrue(timer.stop() >= 0);
    }
    assertEquals(created + 2, driver.count("createEvent"));
    assertEquals(2, driver.count("destroyEvent"));
    assertEquals(2, driver.count("record"));
  }

  @Test
  void blocksOfACopyAreUsedAgainAndFreedOnce() {
    CudaTimer timer = new CudaTimer(recorded.backend().gpu(0));
    long before = driver.count("free");
    timer.copy(1 << 10);
    timer.copy(1 << 9);
    timer.copy(1 << 11);
    assertEquals(before + 2, driver.count("free"), "smaller blocks go when larger ones come");
    timer.close();
    timer.close();
    assertEquals(before + 4, driver.count("free"));
  }

  @Test
  void anotherBackendHasNoEvents() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> CudaTimer.of(Device.REFERENCE))
            .getMessage();
    assertEquals(
        "[cuda] events time the kernels of a GPU; got reference; use System.nanoTime()", message);
  }
}
