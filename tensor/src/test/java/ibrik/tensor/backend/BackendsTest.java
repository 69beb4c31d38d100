package ibrik.tensor.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.Device;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What is found on a class path without the cpu backend.
class BackendsTest {
  @Test
  void theReferenceServesTheCpuToo() {
    assertSame(Backends.of(Device.REFERENCE), Backends.of(Device.CPU));
    assertEquals(2, Backends.all().size(), "reference and far");
  }

  @Test
  void namesWhatIsThere() {
    assertEquals(
        "[device] no device cuda here; present: [reference, far, cpu]; name one of these, or auto",
        assertThrows(IllegalArgumentException.class, () -> Backends.of(Device.parse("cuda")))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> Backends.of(Device.parse("far:1")));
  }

  @Test
  void saysWhyOneRefusedAndTheRemedy() {
    assertEquals(Map.of("refusing", "no driver; install one"), Backends.refused());
    assertEquals(
        "[device] no device refusing here: no driver; install one; present: [reference, far, cpu];"
            + " name one of these, or auto",
        assertThrows(IllegalArgumentException.class, () -> Backends.of(Device.parse("refusing")))
            .getMessage());
  }

  @Test
  void autoIsTheCpuWhereThereIsNoGpu() {
    assertEquals(Device.CPU, Backends.device("auto"));
    assertEquals(Device.REFERENCE, Backends.device("reference"));
    assertThrows(IllegalArgumentException.class, () -> Backends.device("cuda"));
  }

  @Test
  void needsAThread() {
    assertEquals(
        "[threads] must be at least 1; got 0",
        assertThrows(IllegalArgumentException.class, () -> Backends.threads(0)).getMessage());
  }
}
