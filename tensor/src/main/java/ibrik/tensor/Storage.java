package ibrik.tensor;

import ibrik.tensor.backend.Buffer;

/// The memory behind one tensor and its views: counts its users and gives the buffer back when the
/// last one closes.
final class Storage {
  private final Buffer buffer;
  private final boolean mutable;
  private int users = 1;
  private volatile boolean freed;
  private long version;

  Storage(Buffer buffer, boolean mutable) {
    this.buffer = buffer;
    this.mutable = mutable;
  }

  Buffer buffer() {
    return buffer;
  }

  boolean mutable() {
    return mutable;
  }

  synchronized long version() {
    return version;
  }

  synchronized void bumpVersion() {
    version++;
  }

  /// Whether the last user is gone.
  boolean freed() {
    return freed;
  }

  synchronized void retain() {
    users++;
  }

  synchronized void release() {
    if (--users == 0) {
      freed = true;
      buffer.close();
    }
  }
}
