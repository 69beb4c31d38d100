package ibrik.tensor.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.Device;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What serves where no backend but the reference is on the class path.
class BackendsTest {
  @Test
  void theReferenceServesTheCpuToo() {
    assertSame(Backends.of(Device.REFERENCE), Backends.of(Device.CPU));
    assertEquals(1, Backends.all().size());
    assertEquals(Map.of(), Backends.refused());
  }

  @Test
  void namesWhatIsThere() {
    assertEquals(
        "[device] no device cuda here; present: [reference, cpu]",
        assertThrows(IllegalArgumentException.class, () -> Backends.of(Device.parse("cuda")))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> Backends.of(Device.parse("cpu:1")));
  }

  @Test
  void needsAThread() {
    assertEquals(
        "[threads] must be at least 1; got 0",
        assertThrows(IllegalArgumentException.class, () -> Backends.threads(0)).getMessage());
  }
}
