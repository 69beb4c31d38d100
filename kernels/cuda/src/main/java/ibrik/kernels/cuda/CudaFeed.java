package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Driver;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Buffer;
import ibrik.tensor.backend.Feed;
import ibrik.tensor.backend.FeedRules;
import java.lang.foreign.MemorySegment;

/// Carries numbers to one tensor by way of two slots: while the device takes them out of one, the
/// other is filled. A slot is page-locked host memory and a landing place on the device.
///
/// ```
/// host      wait for sent[s]    fill pinned[s]                                  (stage)
/// copies    await taken[s]      pinned[s] -> landing[s]     record sent[s]      (stage)
/// kernels   await sent[s]       landing[s] -> the tensor    record taken[s]     (deliver)
/// ```
///
/// The host waits for a copy that was sent off two batches ago, the kernels for one that was sent
/// off while they were at work, and the copies for a batch that was used up.
final class CudaFeed implements Feed {
  private final CudaDevice gpu;
  private final Tensor to;
  private final long bytes;
  private final long stride;
  private final long pinned;
  private final MemorySegment memory;
  private final Buffer landing;
  private final long landingAddress;
  private final long[] sent = new long[2];
  private final long[] taken = new long[2];
  private int slot;
  private boolean staged;
  private boolean closed;

  @SuppressWarnings("restricted") // the driver says how long the block is
  CudaFeed(CudaDevice gpu, Tensor to) {
    this.gpu = gpu;
    this.to = to;
    this.bytes = to.spec().bytes();
    this.stride = Math.ceilDiv(bytes, 256L) * 256;
    this.landing = gpu.memory().allocate(2 * stride);
    this.landingAddress = ((CudaBuffer) landing).address();
    Driver driver = gpu.driver();
    this.pinned = driver.allocatePinned(2 * stride);
    this.memory = MemorySegment.ofAddress(pinned).reinterpret(2 * stride);
    for (int s = 0; s < 2; s++) {
      sent[s] = driver.createEvent(false);
      taken[s] = driver.createEvent(false);
      // The landing place may have been another tensor's: what reads that one is enqueued.
      driver.record(taken[s], gpu.stream());
    }
  }

  @Override
  public void stage(MemorySegment from) {
    FeedRules.checkSize(to, from);
    Driver driver = gpu.driver();
    driver.synchronizeEvent(sent[slot]);
    MemorySegment.copy(from, 0, memory, slot * stride, bytes);
    long copies = gpu.copyStream();
    driver.await(taken[slot], copies);
    driver.copyToDevice(landingAddress + slot * stride, pinned + slot * stride, bytes, copies);
    driver.record(sent[slot], copies);
    staged = true;
  }

  @Override
  public void deliver() {
    FeedRules.checkStaged(to, staged);
    Driver driver = gpu.driver();
    driver.await(sent[slot], gpu.stream());
    driver.copyOnDevice(
        CudaBuffer.address(to), landingAddress + slot * stride, bytes, gpu.stream());
    driver.record(taken[slot], gpu.stream());
    to.markWritten();
    slot ^= 1;
    staged = false;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    Driver driver = gpu.driver();
    driver.synchronize(gpu.copyStream()); // what is on its way has somewhere to land
    landing.close(); // kernels that still read it are enqueued before what takes its place
    driver.freePinned(pinned);
    for (int s = 0; s < 2; s++) {
      driver.destroyEvent(sent[s]);
      driver.destroyEvent(taken[s]);
    }
  }
}
