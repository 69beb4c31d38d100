package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Driver;
import org.jspecify.annotations.Nullable;

/// CUDA on this machine.
final class LocalInstallation implements Installation {
  @Override
  public @Nullable Driver driver() {
    return null;
  }

  @Override
  public String refusal() {
    return "the binding is not there yet";
  }
}
