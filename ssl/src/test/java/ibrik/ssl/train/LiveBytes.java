package ibrik.ssl.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.tensor.Device;
import ibrik.tensor.backend.Backends;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test that leaves tensors behind.
public final class LiveBytes implements BeforeEachCallback, AfterEachCallback {
  private long before;

  private static long now() {
    return Backends.of(Device.CPU).memory(0).liveBytes();
  }

  @Override
  public void beforeEach(ExtensionContext test) {
    before = now();
  }

  @Override
  public void afterEach(ExtensionContext test) {
    assertEquals(before, now(), "live bytes");
  }
}
