package ibrik.ssl.train;

/// [DeviceRunTest] on a machine without a GPU.
class EmulatedRunTest extends DeviceRunTest {
  EmulatedRunTest() {
    super("emulated");
  }
}
