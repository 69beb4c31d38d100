package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Driver;
import org.jspecify.annotations.Nullable;

/// What was found of CUDA: a driver, or the reason why there is none.
interface Installation {
  /// The driver, or `null` with a [#refusal].
  @Nullable Driver driver();

  /// What was looked for, where, and what to do; `null` where CUDA can be used.
  @Nullable String refusal();

  /// Of this machine, by JCuda.
  static Installation ofThisMachine() {
    return new LocalInstallation();
  }

  /// A driver that is there.
  static Installation of(Driver driver) {
    return new Installation() {
      @Override
      public Driver driver() {
        return driver;
      }

      @Override
      public @Nullable String refusal() {
        return null;
      }
    };
  }
}
