package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Driver;
import ibrik.kernels.cuda.emulation.EmulatedDriver;
import ibrik.tensor.Device;
import java.nio.file.Path;

/// The backend over the emulation, as device `emulated`.
public final class EmulatedBackend extends CudaBackend {
  /// How its devices are called.
  static final String NAME = "emulated";

  /// Where the tests run: emulated, or with `-Dibrik.test.device=cuda` on a GPU.
  static final Device DEVICE = Device.parse(System.getProperty("ibrik.test.device", NAME));

  /// For the service loader.
  public EmulatedBackend() {
    super(NAME, new Emulation());
  }

  private static final class Emulation implements Installation {
    private final String refusal = EmulatedDriver.refusal();
    private final Driver driver =
        refusal == null ? start(System.getProperty(FakeMachine.PROPERTY)) : null;

    private static Driver start(String fakes) {
      return fakes == null
          ? new EmulatedDriver(Path.of("target", "emulation"))
          : FakeMachine.driver(Path.of(fakes));
    }

    @Override
    public Driver driver() {
      return driver;
    }

    @Override
    public String refusal() {
      return refusal;
    }

    @Override
    public boolean exactMemory() {
      return System.getProperty(FakeMachine.PROPERTY) == null;
    }
  }
}
