package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.DeviceInfo;
import ibrik.kernels.cuda.driver.Driver;
import ibrik.tensor.Device;
import ibrik.tensor.backend.Backends;

/// Times what runs on a GPU by events on its stream: what the host does meanwhile is not counted,
/// as long as it is ahead.
///
/// ```java
/// try (CudaTimer timer = CudaTimer.of(Device.parse("cuda"))) {
///   timer.start();
///   program.replay();
///   double millis = timer.stop();
/// }
/// ```
public final class CudaTimer implements AutoCloseable {
  private final CudaDevice gpu;
  private final long from;
  private final long to;
  private long source;
  private long target;
  private long bytes;
  private boolean closed;

  CudaTimer(CudaDevice gpu) {
    this.gpu = gpu;
    this.from = gpu.driver().createEvent(true);
    this.to = gpu.driver().createEvent(true);
  }

  /// A timer for the kernels of `device`.
  ///
  /// @throws IllegalArgumentException if it is no device of this backend
  public static CudaTimer of(Device device) {
    if (Backends.of(device) instanceof CudaBackend cuda) {
      return new CudaTimer(cuda.gpu(device.index()));
    }
    throw new IllegalArgumentException(
        "[cuda] events time the kernels of a GPU; got " + device + "; use System.nanoTime()");
  }

  /// What the device is.
  public DeviceInfo device() {
    return gpu.info();
  }

  /// From here on.
  public void start() {
    gpu.driver().record(from, gpu.stream());
  }

  /// Milliseconds of what was enqueued since [#start]; waits for it.
  public double stop() {
    Driver driver = gpu.driver();
    driver.record(to, gpu.stream());
    driver.synchronizeEvent(to);
    return driver.milliseconds(from, to);
  }

  /// Enqueues a copy of this many bytes from one block of the device to another: they are read once
  /// and written once, the measure for kernels that wait for memory.
  public void copy(long copiedBytes) {
    if (bytes < copiedBytes) {
      release();
      source = gpu.allocate(copiedBytes);
      target = gpu.allocate(copiedBytes);
      bytes = copiedBytes;
    }
    gpu.driver().copyOnDevice(target, source, copiedBytes, gpu.stream());
  }

  private void release() {
    if (bytes > 0) {
      gpu.free(source);
      gpu.free(target);
      bytes = 0;
    }
  }

  /// Frees blocks and events.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    release();
    gpu.driver().destroyEvent(from);
    gpu.driver().destroyEvent(to);
  }
}
