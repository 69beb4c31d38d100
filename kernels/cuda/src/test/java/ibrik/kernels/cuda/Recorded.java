package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.RecordingDriver;

/// A backend over a [RecordingDriver].
record Recorded(
    RecordingDriver driver, long capBytes, ImageCache images, Convolutions.Policy convolutions)
    implements Installation {
  static Recorded of(long memoryBytes) {
    return new Recorded(
        new RecordingDriver(memoryBytes),
        Long.MAX_VALUE,
        ImageCache.none(),
        Convolutions.Policy.DEFAULT);
  }

  /// The same with other choices.
  Recorded with(Convolutions.Policy policy) {
    return new Recorded(driver, capBytes, images, policy);
  }

  CudaBackend backend() {
    return new CudaBackend("recorded", this);
  }

  @Override
  public String refusal() {
    return null;
  }

  @Override
  public RecordingDriver driver() {
    return driver;
  }
}
