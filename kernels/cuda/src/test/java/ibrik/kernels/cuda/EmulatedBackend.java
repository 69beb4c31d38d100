package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Driver;
import ibrik.kernels.cuda.emulation.EmulatedDriver;
import ibrik.tensor.Device;
import java.net.URI;
import java.net.URISyntaxException;
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

  /// Where compiled kernels are kept: one folder for the tests of all modules.
  static Path folder() {
    try {
      URI classes =
          EmulatedBackend.class.getProtectionDomain().getCodeSource().getLocation().toURI();
      return Path.of(classes).resolveSibling("emulation");
    } catch (URISyntaxException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /// Starts when it is asked: the tests of other modules have this backend on their class path.
  private static final class Emulation implements Installation {
    private String refusal;
    private Driver driver;

    private synchronized void start() {
      if (driver == null && refusal == null) {
        refusal = EmulatedDriver.refusal();
        if (refusal == null) {
          String fakes = System.getProperty(FakeMachine.PROPERTY);
          driver =
              fakes == null ? new EmulatedDriver(folder()) : FakeMachine.driver(Path.of(fakes));
        }
      }
    }

    @Override
    public Driver driver() {
      start();
      return driver;
    }

    @Override
    public String refusal() {
      start();
      return refusal;
    }

    @Override
    public boolean exactMemory() {
      return System.getProperty(FakeMachine.PROPERTY) == null;
    }
  }
}
