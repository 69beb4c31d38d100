package ibrik.kernels.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ibrik.tensor.backend.Backends;

/// Skips tests, with the reason, where kernels cannot be emulated.
final class Emulation {
  private Emulation() {}

  /// On a GPU nothing is skipped but what is about the emulation itself.
  static void assume() {
    String why = Backends.refused().get(EmulatedBackend.DEVICE.backend());
    assumeTrue(why == null, why);
  }

  /// Skips what only the emulation can show: faults of kernels that it survives.
  static void assumeEmulated() {
    assume();
    assumeTrue(EmulatedBackend.DEVICE.backend().equals(EmulatedBackend.NAME), "runs on a GPU");
  }

  /// The device that the tests run on.
  static CudaDevice gpu() {
    assume();
    return ((CudaBackend) Backends.of(EmulatedBackend.DEVICE)).gpu(0);
  }
}
