package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Driver;
import org.jspecify.annotations.Nullable;

/// What was found of CUDA: a driver, or the reason why there is none; and how it is used.
interface Installation {
  /// The driver, or `null` with a [#refusal].
  @Nullable Driver driver();

  /// What was looked for, where, and what to do; `null` where CUDA can be used.
  @Nullable String refusal();

  /// Where machine code is kept.
  default ImageCache images() {
    return ImageCache.none();
  }

  /// How algorithms of libraries are chosen and numbers rounded.
  default Convolutions.Policy convolutions() {
    return Convolutions.Policy.DEFAULT;
  }

  /// Most bytes that the tensors of one device may hold.
  default long capBytes() {
    return Long.MAX_VALUE;
  }

  /// Whether blocks of memory have the size asked for and are not used again, so that faults are
  /// seen.
  default boolean exactMemory() {
    return false;
  }
}
