package ibrik.ssl.train;

import org.junit.jupiter.api.Tag;

/// [DeviceRunTest] where there is a GPU.
@Tag("gpu")
class GpuRunTest extends DeviceRunTest {
  GpuRunTest() {
    super("cuda");
  }
}
