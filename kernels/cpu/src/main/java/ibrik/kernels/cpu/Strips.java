package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;

/// A matrix product that is looked at but not kept: computed a strip of columns at a time into one
/// buffer, which the next strip overwrites. The width follows from the shape alone.
final class Strips {
  /// Floats of a strip: 2 MiB stay in the cache between the product and its use.
  private static final int FLOATS = 1 << 19;

  /// Widths are multiples of the panels of [Gemm].
  private static final int STEP = Tile.MAX_VECTORS * Lanes.COUNT;

  /// What is done with a strip: `count` columns from `first` on, without gaps between its rows.
  interface Body {
    void run(int first, int count, MemorySegment strip);
  }

  /// What is done with one row of a strip, at byte `at`.
  interface Row {
    void run(int row, long at);
  }

  private Strips() {}

  /// Strips of about the same width, and not such that [Gemm] has to copy them.
  private static int width(int rows, int columns) {
    int fitting = Math.max(2 * STEP, FLOATS / Math.max(1, rows) / STEP * STEP);
    int strips = Math.max(1, Math.ceilDiv(columns, fitting));
    int width = share(columns, strips);
    return width % Gemm.SET_PITCH == 0 ? share(columns, strips + 1) : width;
  }

  private static int share(int columns, int strips) {
    return Math.min(columns, Math.ceilDiv(Math.ceilDiv(columns, strips), STEP) * STEP);
  }

  /// Hands `op(A) op(B)` to `body`, from left to right.
  static void run(CpuPool pool, Gemm.Operand a, Gemm.Operand b, Body body) {
    int width = width(a.rows(), b.columns());
    for (int first = 0; first < b.columns(); first += width) {
      int count = Math.min(width, b.columns() - first);
      MemorySegment strip =
          Scratch.floats(Scratch.Slot.IMAGE, Math.max(1, (long) a.rows() * width));
      Gemm.run(pool, a, b.strip(first, count), strip, 0);
      body.run(first, count, strip);
    }
  }

  /// Hands out rows of `count` floats, several a task.
  static void rows(CpuPool pool, int rows, int count, Row body) {
    int perTask = (int) Math.max(1, Chunks.SIZE / 2 / Math.max(1, count));
    pool.run(
        Math.ceilDiv(rows, perTask),
        task -> {
          for (int i = task * perTask; i < Math.min(rows, (task + 1) * perTask); i++) {
            body.run(i, (long) i * count * 4);
          }
        });
  }
}
