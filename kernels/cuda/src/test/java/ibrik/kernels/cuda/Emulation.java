package ibrik.kernels.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ibrik.tensor.backend.Backends;

/// Skips tests, with the reason, where kernels cannot be emulated.
final class Emulation {
  private Emulation() {}

  static void assume() {
    String why = Backends.refused().get(EmulatedBackend.DEVICE.backend());
    assumeTrue(why == null, why);
  }

  /// The one emulated device.
  static CudaDevice gpu() {
    assume();
    return ((CudaBackend) Backends.of(EmulatedBackend.DEVICE)).gpu(0);
  }
}
