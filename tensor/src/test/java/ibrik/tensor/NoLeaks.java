package ibrik.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.backend.Backends;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test that leaves tensor memory in use or a scope open.
public final class NoLeaks implements BeforeEachCallback, AfterEachCallback {
  @Override
  public void beforeEach(ExtensionContext context) {
    check();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    check();
  }

  /// Checks at once; for properties, which extensions do not reach.
  public static void check() {
    assertEquals(0, Backends.of(Device.CPU).memory(0).liveBytes(), "live tensor bytes");
    assertThrows(IllegalStateException.class, TensorScope::current, "a scope is open");
  }
}
