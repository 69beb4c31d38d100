package ibrik.kernels.cpu;

import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Index;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Binds [Index]: whole rows gathered and added, one-hot rows, the largest of a row.
final class IndexCpu {
  /// Blocks of rows that `scatter_add` adds to side by side.
  private static final int BLOCKS = 16;

  private IndexCpu() {}

  static @Nullable Kernel kernel(Index op, List<TensorSpec> in, CpuPool pool) {
    return switch (op) {
      case Index.Gather _ -> (tensors, out) -> gather(pool, tensors, out.getFirst());
      case Index.OneHot(int classes, DType dtype) when dtype == DType.F32 ->
          (tensors, out) -> oneHot(tensors.getFirst(), classes, out.getFirst());
      case Index.TopK(int k) when in.getFirst().dtype() == DType.F32 ->
          (tensors, out) -> topK(pool, tensors.getFirst(), k, out);
      case Index.ScatterAdd _ when in.getFirst().dtype() == DType.F32 ->
          (tensors, out) -> scatterAdd(pool, tensors.get(0), tensors.get(1), out.getFirst());
      case Index.OneHot _, Index.TopK _, Index.ScatterAdd _ -> null;
    };
  }

  private static int index(MemorySegment index, long i, long bound, String tag) {
    int value = index.get(Lanes.INT, i * 4);
    if (value < 0 || value >= bound) {
      throw new IllegalArgumentException(
          "[" + tag + "] index must be in [0, " + bound + "); got " + value + " at " + i);
    }
    return value;
  }

  private static void gather(CpuPool pool, List<Tensor> in, Tensor out) {
    Tensor x = in.get(0);
    long row = x.shape().elemsAfter(0) * x.dtype().elementBytes();
    long rows = in.get(1).elems();
    MemorySegment index = in.get(1).data();
    MemorySegment source = x.data();
    MemorySegment target = out.data();
    long perTask = Math.max(1, Chunks.SIZE * 4 / Math.max(row, 1));
    pool.run(
        (int) Math.ceilDiv(rows, perTask),
        task -> {
          for (long i = task * perTask; i < Math.min(rows, (task + 1) * perTask); i++) {
            MemorySegment.copy(
                source, index(index, i, x.dim(0), "gather") * row, target, i * row, row);
          }
        });
  }

  /// Each block of rows of the result goes through all indices and adds the rows that are its own,
  /// in order.
  private static void scatterAdd(CpuPool pool, Tensor x, Tensor indices, Tensor out) {
    long width = x.shape().elemsAfter(0);
    long rows = out.dim(0);
    long count = indices.elems();
    MemorySegment index = indices.data();
    MemorySegment source = x.data();
    MemorySegment target = out.data();
    for (long i = 0; i < count; i++) {
      index(index, i, rows, "scatter_add");
    }
    pool.run(
        BLOCKS,
        block -> {
          long from = rows * block / BLOCKS;
          long to = rows * (block + 1) / BLOCKS;
          target.asSlice(from * width * 4, (to - from) * width * 4).fill((byte) 0);
          for (long i = 0; i < count; i++) {
            int row = index.get(Lanes.INT, i * 4);
            if (row >= from && row < to) {
              Vectors.addInto(target, row * width * 4, source, i * width * 4, width);
            }
          }
        });
  }

  private static void oneHot(Tensor x, int classes, Tensor out) {
    MemorySegment target = out.data();
    target.fill((byte) 0);
    MemorySegment index = x.data();
    for (long i = 0; i < x.elems(); i++) {
      target.set(Lanes.FLOAT, (i * classes + index(index, i, classes, "one_hot")) * 4, 1f);
    }
  }

  /// Keeps the k best of each row in order by insertion: few of the elements get that far.
  private static void topK(CpuPool pool, Tensor x, int k, List<Tensor> out) {
    int width = (int) x.dim(-1);
    if (width == 0 || k == 0) {
      return;
    }
    int rows = (int) (x.elems() / width);
    MemorySegment source = x.data();
    MemorySegment values = out.get(0).data();
    MemorySegment places = out.get(1).data();
    pool.run(
        rows,
        row -> {
          float[] best = new float[k];
          int[] place = new int[k];
          int size = 0;
          for (int i = 0; i < width; i++) {
            float value = source.get(Lanes.FLOAT, ((long) row * width + i) * 4);
            if (size == k && Float.compare(value + 0f, best[k - 1] + 0f) <= 0) {
              continue;
            }
            int at = size < k ? size++ : k - 1;
            while (at > 0 && Float.compare(value + 0f, best[at - 1] + 0f) > 0) {
              best[at] = best[at - 1];
              place[at] = place[at - 1];
              at--;
            }
            best[at] = value;
            place[at] = i;
          }
          for (int i = 0; i < k; i++) {
            values.set(Lanes.FLOAT, ((long) row * k + i) * 4, best[i]);
            places.set(Lanes.INT, ((long) row * k + i) * 4, place[i]);
          }
        });
  }
}
