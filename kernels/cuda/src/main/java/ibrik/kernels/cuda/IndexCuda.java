package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Index;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [Index]. A kernel cannot raise an error for an index outside its range: it reads and
/// writes nothing there, and zeros stand for what is missing.
final class IndexCuda {
  static final CudaFile GATHER =
      CudaFile.of("index/gather.cu", 256, List.of(DType.U8, DType.BF16, DType.I32, DType.I64));
  static final CudaFile SCATTER_ADD = CudaFile.of("index/scatter_add.cu", 256, CudaFile.FLOATS);
  static final CudaFile ONE_HOT = CudaFile.of("index/one_hot.cu", 256, CudaFile.NUMBERS);
  static final CudaFile TOP_K = CudaFile.of("index/top_k.cu", 256, CudaFile.FLOATS);

  /// An index this short is looked through by every thread.
  private static final long SHORT_INDEX = 64;

  /// Rows this short are ranked by counting.
  private static final long SHORT_ROW = 256;

  /// More than this cannot be sorted in shared memory.
  private static final int MOST_SORTED = 2048;

  private IndexCuda() {}

  static @Nullable CudaOp op(Index op, List<TensorSpec> in) {
    TensorSpec x = in.getFirst();
    return switch (op) {
      case Index.Gather _ ->
          x.dtype() == DType.B1
              ? null
              : (gpu, args, out) -> gather(gpu, args.get(0), args.get(1), out.getFirst());
      case Index.ScatterAdd(long rows) ->
          SCATTER_ADD.serves(x.dtype()) ? scatterAdd(x, rows) : null;
      case Index.OneHot(int classes, DType dtype) ->
          dtype == DType.B1 ? null : oneHot(x.elems() * classes, classes, dtype);
      case Index.TopK(int k) -> TOP_K.serves(x.dtype()) ? topK(x, k) : null;
    };
  }

  private static void gather(CudaDevice gpu, Tensor x, Tensor index, Tensor y) {
    long row = x.shape().elemsAfter(0) * x.dtype().elementBytes();
    int unit = Packs.most(CudaBuffer.address(x), CudaBuffer.address(y), row);
    long n = y.spec().bytes() / unit;
    gpu.kernel(Packs.mover(GATHER, unit, n), "gather_v1")
        .tensor(x)
        .tensor(index)
        .tensor(y)
        .i64(x.dim(0))
        .i64(n)
        .i64(row / unit)
        .run(Grid.strided(n, GATHER.threads(), gpu.fullGrid()));
  }

  private static CudaOp scatterAdd(TensorSpec x, long rows) {
    long length = x.shape().dim(0);
    long width = x.shape().elemsAfter(0);
    CudaSource source = SCATTER_ADD.with(x.dtype());
    boolean shortIndex = length <= SHORT_INDEX;
    int threads = SCATTER_ADD.threads();
    return (gpu, in, out) ->
        gpu.kernel(source, shortIndex ? "scatter_add_v1" : "scatter_add_rows")
            .tensor(in.get(0))
            .tensor(in.get(1))
            .tensor(out.getFirst())
            .i64(length)
            .i64(width)
            .i64(rows)
            .run(
                shortIndex
                    ? Grid.strided(rows * width, threads, gpu.fullGrid())
                    : Grid.of(
                        Math.min(rows * Math.ceilDiv(width, threads), gpu.fullGrid()), threads));
  }

  private static CudaOp oneHot(long n, int classes, DType dtype) {
    CudaSource source = Packs.indexed(ONE_HOT.with(dtype), n);
    return (gpu, in, out) ->
        gpu.kernel(source, "one_hot_v1")
            .tensor(in.getFirst())
            .tensor(out.getFirst())
            .i64(n)
            .i64(classes)
            .run(Grid.strided(n, ONE_HOT.threads(), gpu.fullGrid()));
  }

  private static CudaOp topK(TensorSpec x, int k) {
    RowGrid rows = RowGrid.of(x);
    CudaSource source = TOP_K.with(x.dtype());
    int threads = TOP_K.threads();
    if (k == 0) {
      return (_, _, _) -> {};
    }
    if (rows.width() <= SHORT_ROW || k > MOST_SORTED) {
      return (gpu, in, out) ->
          gpu.kernel(source, "top_k_v1")
              .tensor(in.getFirst())
              .tensor(out.get(0))
              .tensor(out.get(1))
              .i64(rows.rows())
              .i64(rows.width())
              .i64(k)
              .run(Grid.strided(x.elems(), threads, gpu.fullGrid()));
    }
    int slots = Integer.highestOneBit(2 * k - 1);
    int keyBytes = ColumnGrid.accumulatorBytes(x.dtype());
    return (gpu, in, out) ->
        gpu.kernel(source, "top_k_select")
            .tensor(in.getFirst())
            .tensor(out.get(0))
            .tensor(out.get(1))
            .i64(rows.rows())
            .i64(rows.width())
            .i32(k)
            .i32(slots)
            .run(
                Grid.of(Math.min(rows.rows(), gpu.fullGrid()), threads)
                    .shared(slots * (keyBytes + Integer.BYTES)));
  }
}
