package ibrik.kernels.cuda;

/// Work memory between the launches of one op. Ops run one after the other on the stream, so all of
/// them can use the same block; a larger one replaces it. No tensor, so it does not count as live.
///
/// A graph remembers the address of the block it was taken down with. Such a block is never given
/// back; as blocks double, all of them together are less than twice the last.
final class Scratch {
  private static final long SMALLEST = 1 << 16;

  private final CudaDevice gpu;
  private long address;
  private long bytes;
  private boolean pinned;

  Scratch(CudaDevice gpu) {
    this.gpu = gpu;
  }

  /// At least `needed` bytes, contents undefined.
  synchronized long take(long needed) {
    if (address == 0 || bytes < needed) {
      long larger = Math.max(Math.max(SMALLEST, 2 * bytes), needed);
      long block = gpu.allocate(larger);
      if (address != 0 && !pinned) {
        gpu.synchronize(); // what was enqueued may still use it
        gpu.free(address);
      }
      address = block;
      bytes = larger;
      pinned = false;
    }
    return address;
  }

  /// Keeps the present block for ever.
  synchronized void pin() {
    pinned = true;
  }
}
