package ibrik.kernels.cuda;

/// Work memory between the launches of one op. Ops run one after the other on the stream, so all of
/// them can use the same block; a larger one replaces it in stream order. No tensor, so it does not
/// count as live.
final class Scratch {
  private static final long STEP_BYTES = 1 << 16;

  private final CudaDevice gpu;
  private long address;
  private long bytes;

  Scratch(CudaDevice gpu) {
    this.gpu = gpu;
  }

  /// At least `needed` bytes, contents undefined.
  synchronized long take(long needed) {
    if (bytes < needed || address == 0) {
      if (address != 0) {
        gpu.free(address);
        address = 0;
      }
      bytes = Math.ceilDiv(Math.max(needed, 1), STEP_BYTES) * STEP_BYTES;
      address = gpu.allocate(bytes);
    }
    return address;
  }
}
