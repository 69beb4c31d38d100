package ibrik.kernels.cpu;

import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Layout;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Binds [Layout]: copies of contiguous runs.
final class LayoutCpu {
  private LayoutCpu() {}

  static @Nullable Kernel kernel(Layout op, CpuPool pool) {
    return switch (op) {
      case Layout.Narrow narrow ->
          (in, out) ->
              runs(
                  in.getFirst(), narrow.start(), out.getFirst(), 0, narrow.axis(), narrow.length());
      case Layout.Pad pad ->
          (in, out) -> {
            out.getFirst().data().fill((byte) 0);
            Tensor x = in.getFirst();
            runs(x, 0, out.getFirst(), pad.before(), pad.axis(), x.dim(pad.axis()));
          };
      case Layout.Concat concat ->
          (in, out) -> {
            long start = 0;
            for (Tensor x : in) {
              runs(x, 0, out.getFirst(), start, concat.axis(), x.dim(concat.axis()));
              start += x.dim(concat.axis());
            }
          };
      case Layout.BroadcastTo _ -> (in, out) -> broadcast(pool, in.getFirst(), out.getFirst());
      case Layout.Transpose(List<Integer> order) when order.equals(List.of(1, 0)) ->
          (in, out) -> transpose(pool, in.getFirst(), out.getFirst());
      case Layout.Transpose _, Layout.Reshape _, Layout.Detach _, Layout.ToDevice _ -> null;
    };
  }

  /// Copies `length` places along `axis`, from place `from` of x to place `to` of y.
  private static void runs(Tensor x, long from, Tensor y, long to, int axis, long length) {
    long bytes = x.dtype().elementBytes();
    long after = x.shape().elemsAfter(axis) * bytes;
    long outer = x.shape().elemsBefore(axis);
    long xStep = x.dim(axis) * after;
    long yStep = y.dim(axis) * after;
    MemorySegment source = x.data();
    MemorySegment target = y.data();
    for (long i = 0; i < outer; i++) {
      MemorySegment.copy(
          source, i * xStep + from * after, target, i * yStep + to * after, length * after);
    }
  }

  private static void broadcast(CpuPool pool, Tensor x, Tensor y) {
    int bytes = y.dtype().elementBytes();
    Shape shape = y.shape();
    long[] steps = Broadcast.steps(x.shape(), shape);
    int axis = shape.rank();
    long run = 1;
    // Rows: the tail along which x is stepped through.
    while (axis > 0 && (shape.dim(axis - 1) == 1 || steps[axis - 1] == run)) {
      run *= shape.dim(axis - 1);
      axis--;
    }
    if (y.elems() == 0) {
      return;
    }
    if (run == 1 && axis > 0) {
      repeat(pool, x, y, steps, bytes);
      return;
    }
    long length = run;
    int outer = axis;
    long rows = y.elems() / length;
    long perTask = Math.max(1, Chunks.SIZE / length);
    MemorySegment source = x.data();
    MemorySegment target = y.data();
    pool.run(
        (int) Math.ceilDiv(rows, perTask),
        task -> {
          for (long row = task * perTask; row < Math.min(rows, (task + 1) * perTask); row++) {
            long at = place(row, shape, steps, outer);
            MemorySegment.copy(source, at * bytes, target, row * length * bytes, length * bytes);
          }
        });
  }

  /// Where single elements are repeated along the last axes.
  private static void repeat(CpuPool pool, Tensor x, Tensor y, long[] steps, int bytes) {
    Shape shape = y.shape();
    int axis = shape.rank();
    long times = 1;
    while (axis > 0 && (shape.dim(axis - 1) == 1 || steps[axis - 1] == 0)) {
      times *= shape.dim(axis - 1);
      axis--;
    }
    int outer = axis;
    long length = times;
    MemorySegment source = x.data();
    MemorySegment target = y.data();
    long block = Math.min(length, Chunks.SIZE);
    long blocks = Math.ceilDiv(length, block);
    long perTask = Math.max(1, Chunks.SIZE / block);
    long total = y.elems() / length * blocks;
    pool.run(
        (int) Math.ceilDiv(total, perTask),
        task -> {
          for (long i = task * perTask; i < Math.min(total, (task + 1) * perTask); i++) {
            long row = i / blocks;
            long first = i % blocks * block;
            long at = place(row, shape, steps, outer) * bytes;
            long count = Math.min(block, length - first);
            fill(
                source.asSlice(at, bytes),
                target.asSlice((row * length + first) * bytes, count * bytes));
          }
        });
  }

  /// The element of x that row `row` of y's first `outer` axes shows.
  private static long place(long row, Shape shape, long[] steps, int outer) {
    long rest = row;
    long at = 0;
    for (int i = outer - 1; i >= 0; i--) {
      at += rest % shape.dim(i) * steps[i];
      rest /= shape.dim(i);
    }
    return at;
  }

  /// Repeats `one` all over `all`, doubling what is there.
  private static void fill(MemorySegment one, MemorySegment all) {
    MemorySegment.copy(one, 0, all, 0, one.byteSize());
    for (long done = one.byteSize(); done < all.byteSize(); done *= 2) {
      MemorySegment.copy(all, 0, all, done, Math.min(done, all.byteSize() - done));
    }
  }

  private static void transpose(CpuPool pool, Tensor x, Tensor y) {
    int rows = (int) x.dim(0);
    int columns = (int) x.dim(1);
    if (x.dtype().elementBytes() != 4) {
      int bytes = x.dtype().elementBytes();
      for (long i = 0; i < rows; i++) {
        for (long j = 0; j < columns; j++) {
          MemorySegment.copy(
              x.data(), (i * columns + j) * bytes, y.data(), (j * rows + i) * bytes, bytes);
        }
      }
      return;
    }
    MemorySegment source = x.data();
    MemorySegment target = y.data();
    int block = 64;
    pool.run(
        Math.ceilDiv(columns, block),
        task -> {
          int from = task * block;
          int count = Math.min(block, columns - from);
          Transposes.copy(
              source, from * 4L, columns, rows, count, target, (long) from * rows * 4, rows);
        });
  }
}
