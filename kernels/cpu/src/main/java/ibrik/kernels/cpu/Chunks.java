package ibrik.kernels.cpu;

/// Cuts long flat work into chunks of fixed size: by the count alone, never by the threads.
final class Chunks {
  /// Elements per chunk: small enough to share out, large enough to be worth a task.
  static final long SIZE = 1 << 15;

  /// A range of elements.
  interface Body {
    void run(long from, long to);
  }

  private Chunks() {}

  static void run(CpuPool pool, long count, Body body) {
    int tasks = (int) Math.ceilDiv(count, SIZE);
    pool.run(tasks, i -> body.run(i * SIZE, Math.min(count, (i + 1) * SIZE)));
  }
}
