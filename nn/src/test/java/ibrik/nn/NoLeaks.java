package ibrik.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.tensor.backend.Backend;
import ibrik.tensor.backend.Backends;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test that leaves tensor memory in use on any backend.
public final class NoLeaks implements BeforeEachCallback, AfterEachCallback {
  @Override
  public void beforeEach(ExtensionContext context) {
    check();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    check();
  }

  private static void check() {
    for (Backend backend : Backends.all()) {
      assertEquals(0, backend.memory(0).liveBytes(), "live bytes on " + backend.name());
    }
  }
}
