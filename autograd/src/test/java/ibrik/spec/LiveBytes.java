package ibrik.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.tensor.backend.Backends;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test that leaves tensors behind, on any backend.
public final class LiveBytes implements BeforeEachCallback, AfterEachCallback {
  private long before;

  private static long now() {
    return Backends.all().stream().mapToLong(backend -> backend.memory(0).liveBytes()).sum();
  }

  @Override
  public void beforeEach(ExtensionContext test) {
    before = now();
  }

  @Override
  public void afterEach(ExtensionContext test) {
    assertEquals(before, now(), "bytes leaked");
  }
}
