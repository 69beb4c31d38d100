package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// A matrix cut into blocks of rows, one task each, that reduce down the columns: every block
/// leaves one row of partial results, which are joined in order. How many blocks there are follows
/// from the rows alone.
///
/// @param rows rows of the matrix
/// @param columns floats per row
/// @param height rows per block; the last may be shorter
record RowBlocks(int rows, int columns, int height) {
  private static final int MOST = 16;
  private static final int LEAST_ROWS = 8;

  static RowBlocks of(int rows, int columns) {
    return new RowBlocks(rows, columns, Math.max(LEAST_ROWS, Math.ceilDiv(rows, MOST)));
  }

  int count() {
    return Math.ceilDiv(rows, height);
  }

  /// One row of partial results per block.
  MemorySegment partials() {
    return Scratch.floats(Scratch.Slot.PARTIAL, Math.max(1, (long) count() * columns));
  }

  /// Byte offset of a row, of the matrix or of the partial results.
  long at(int row) {
    return (long) row * columns * 4;
  }

  /// What is done with a block.
  interface Body {
    void run(int block, int firstRow, int lastRow);
  }

  void run(CpuPool pool, Body body) {
    run(pool, false, body);
  }

  /// Runs the blocks of every thread's share from the last one on if `back`.
  void run(CpuPool pool, boolean back, Body body) {
    pool.run(count(), back, i -> body.run(i, i * height, Math.min(rows, (i + 1) * height)));
  }

  void fill(MemorySegment partials, int block, float value) {
    long at = at(block);
    int k = 0;
    for (; k + COUNT <= columns; k += COUNT) {
      FloatVector.broadcast(F32, value).intoMemorySegment(partials, at + k * 4L, ORDER);
    }
    for (; k < columns; k++) {
      partials.set(FLOAT, at + k * 4L, value);
    }
  }

  /// How partial results are joined.
  enum Join {
    SUM,
    MAX
  }

  /// Joins the blocks' rows into `to`.
  void join(CpuPool pool, MemorySegment partials, Join how, MemorySegment to) {
    boolean sum = how == Join.SUM;
    Chunks.run(
        pool,
        columns,
        (from, end) -> {
          long k = from;
          for (; k + COUNT <= end; k += COUNT) {
            FloatVector total = FloatVector.fromMemorySegment(F32, partials, k * 4, ORDER);
            for (int i = 1; i < count(); i++) {
              FloatVector one = FloatVector.fromMemorySegment(F32, partials, at(i) + k * 4, ORDER);
              total = sum ? total.add(one) : total.max(one);
            }
            total.intoMemorySegment(to, k * 4, ORDER);
          }
          for (; k < end; k++) {
            float total = partials.get(FLOAT, k * 4);
            for (int i = 1; i < count(); i++) {
              float one = partials.get(FLOAT, at(i) + k * 4);
              total = sum ? total + one : Math.max(total, one);
            }
            to.set(FLOAT, k * 4, total);
          }
        });
  }
}
