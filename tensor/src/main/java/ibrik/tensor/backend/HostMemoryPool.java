package ibrik.tensor.backend;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Off-heap host memory, kept for reuse by size class.
///
/// A block is rounded up to one of four steps per power of two, so at most a quarter of it is
/// waste. Each block is preceded by [#HEADER_BYTES] spare bytes, which lets other runtimes wrap it
/// without a copy. Blocks live in their own arenas, so [#trim()] can give single ones back.
public final class HostMemoryPool implements MemoryPool {
  /// Alignment of every block, and the room kept free in front of it.
  public static final int HEADER_BYTES = 64;

  /// Written over recycled blocks in poison mode: a quiet NaN in f32 and f64.
  private static final byte POISON = (byte) 0xFF;

  private final Map<Long, Deque<Block>> free = new TreeMap<>();
  private final boolean poison;
  private long liveBytes;
  private long peakBytes;
  private long reservedBytes;

  /// A pool; with `poison`, every block handed out is filled with NaN first, so that a kernel that
  /// leaves elements unwritten is caught.
  public HostMemoryPool(boolean poison) {
    this.poison = poison;
  }

  @Override
  public Buffer allocate(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("[memory] bytes must not be negative; got " + bytes);
    }
    long capacity = sizeClass(bytes);
    @Nullable Block kept;
    synchronized (this) {
      Deque<Block> candidates = free.get(capacity);
      kept = candidates == null ? null : candidates.pollFirst();
    }
    Block block = kept == null ? take(capacity, bytes) : kept;
    synchronized (this) {
      reservedBytes += kept == null ? capacity : 0;
      liveBytes += bytes;
      peakBytes = Math.max(peakBytes, liveBytes);
    }
    HostBuffer buffer = new HostBuffer(this, block, bytes);
    if (poison) {
      buffer.host().fill(POISON);
    }
    return buffer;
  }

  /// A new block; its arena lives as long as the pool keeps the block.
  @SuppressWarnings("MustBeClosedChecker")
  private Block take(long capacity, long bytes) {
    try {
      return new Block(Arena.ofShared(), capacity);
    } catch (OutOfMemoryError | IllegalArgumentException full) {
      OutOfMemoryError error =
          new OutOfMemoryError(
              "[memory] host has no room for "
                  + bytes
                  + " bytes; "
                  + liveBytes()
                  + " bytes are live, "
                  + reservedBytes()
                  + " reserved; use a smaller batch or model, or, where the machine has more,"
                  + " -XX:MaxDirectMemorySize, which is the heap's limit unless given");
      error.initCause(full);
      throw error;
    }
  }

  /// Rounds up to 4 steps per power of two, at least 64 bytes.
  static long sizeClass(long bytes) {
    if (bytes <= 256) {
      return Math.max(64, Math.ceilDiv(bytes, 64L) * 64);
    }
    long step = Long.highestOneBit(bytes - 1) / 4;
    return Math.ceilDiv(bytes, step) * step;
  }

  private synchronized void recycle(Block block, long bytes) {
    liveBytes -= bytes;
    free.computeIfAbsent(block.capacity, _ -> new ArrayDeque<>()).addFirst(block);
  }

  @Override
  public synchronized long liveBytes() {
    return liveBytes;
  }

  @Override
  public synchronized long peakBytes() {
    return peakBytes;
  }

  @Override
  public synchronized void resetPeak() {
    peakBytes = liveBytes;
  }

  @Override
  public synchronized long reservedBytes() {
    return reservedBytes;
  }

  @Override
  public synchronized void trim() {
    for (Deque<Block> blocks : free.values()) {
      for (Block block : blocks) {
        block.arena.close();
        reservedBytes -= block.capacity;
      }
    }
    free.clear();
  }

  private static final class Block {
    final Arena arena;
    final MemorySegment segment;
    final long capacity;

    Block(Arena arena, long capacity) {
      this.arena = arena;
      this.capacity = capacity;
      this.segment =
          arena.allocate(capacity + HEADER_BYTES, HEADER_BYTES).asSlice(HEADER_BYTES, capacity);
    }
  }

  private static final class HostBuffer implements Buffer {
    private final HostMemoryPool pool;
    private final Block block;
    private final MemorySegment host;
    private boolean closed;

    HostBuffer(HostMemoryPool pool, Block block, long bytes) {
      this.pool = pool;
      this.block = block;
      this.host = block.segment.asSlice(0, bytes);
    }

    @Override
    public long bytes() {
      return host.byteSize();
    }

    @Override
    public MemorySegment host() {
      return host;
    }

    @Override
    public void close() {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
      }
      pool.recycle(block, host.byteSize());
    }
  }
}
