package ibrik.tensor.backend;

import ibrik.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A [Feed] of any backend: numbers wait in host memory and are copied when they are delivered.
final class HostFeed implements Feed {
  private final Tensor to;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private boolean staged;

  @SuppressWarnings("MustBeClosedChecker") // the arena closes with the feed
  HostFeed(Tensor to) {
    this.to = to;
    this.memory = arena.allocate(to.spec().bytes(), 64);
  }

  @Override
  public void stage(MemorySegment from) {
    FeedRules.checkSize(to, from);
    memory.copyFrom(from);
    staged = true;
  }

  @Override
  public void deliver() {
    FeedRules.checkStaged(to, staged);
    Backends.of(to.device()).upload(memory, to.buffer(), to.offsetBytes(), memory.byteSize());
    to.markWritten();
    staged = false;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
