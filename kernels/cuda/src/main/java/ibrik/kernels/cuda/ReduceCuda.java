package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Reduce;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Launches [Reduce]. How the work is cut depends on the shape alone, so the bits do too.
final class ReduceCuda {
  static final CudaFile REDUCE = CudaFile.of("reduce/reduce.cu", 256, CudaFile.NUMBERS);

  /// Blocks that a reduction should have before it is left uncut.
  private static final long ENOUGH_BLOCKS = 256;

  /// Elements along K for one block of rows, and for one of columns.
  private static final long ROW_PART = 4096;

  private static final long COLUMN_PART = 512;

  private ReduceCuda() {}

  /// x as `[O,K,I]`, K to be reduced.
  private record View(long outer, long length, long inner) {
    static @Nullable View of(Shape shape, int[] sorted) {
      if (sorted.length == 0) {
        return new View(shape.elems(), 1, 1);
      }
      long length = 1;
      for (int i = 0; i < sorted.length; i++) {
        if (i > 0 && sorted[i] != sorted[i - 1] + 1) {
          return null;
        }
        length *= shape.dim(sorted[i]);
      }
      return new View(
          shape.elemsBefore(sorted[0]), length, shape.elemsAfter(sorted[sorted.length - 1]));
    }
  }

  static @Nullable CudaOp op(Reduce op, TensorSpec x) {
    if (!REDUCE.serves(x.dtype())) {
      return null;
    }
    int[] sorted = op.axes().stream().mapToInt(x.shape()::axis).sorted().toArray();
    View view = View.of(x.shape(), sorted);
    CudaSource source = REDUCE.with(x.dtype());
    return switch (op) {
      case Reduce.Sum _ -> reduce(source, "sum", x, view, sorted, false);
      case Reduce.Mean _ -> reduce(source, "sum", x, view, sorted, true);
      case Reduce.Max _ -> reduce(source, "max", x, view, sorted, false);
      case Reduce.Min _ -> reduce(source, "min", x, view, sorted, false);
      case Reduce.ArgMax _ -> view == null ? null : argMax(source, view);
    };
  }

  private static @Nullable CudaOp reduce(
      CudaSource source, String name, TensorSpec x, @Nullable View v, int[] axes, boolean mean) {
    if (v == null) {
      return any(source, name, x.shape(), axes, mean);
    }
    double divisor = mean ? v.length : 1;
    long accumulatorBytes = x.dtype() == DType.F64 || x.dtype().isInteger() ? 8 : 4;
    return v.inner == 1
        ? rows(source, name, v, divisor, accumulatorBytes)
        : columns(source, name, v, divisor, accumulatorBytes);
  }

  private static CudaOp rows(
      CudaSource source, String name, View v, double divisor, long accumulatorBytes) {
    long parts = v.outer >= ENOUGH_BLOCKS ? 1 : Math.max(1, Math.ceilDiv(v.length, ROW_PART));
    int threads = REDUCE.threads();
    if (parts == 1) {
      return (gpu, in, out) ->
          gpu.kernel(source, name + "_rows")
              .tensor(in.getFirst())
              .tensor(out.getFirst())
              .i64(v.outer)
              .i64(v.length)
              .f64(divisor)
              .run(Grid.of(Math.min(v.outer, gpu.fullGrid()), threads));
    }
    return (gpu, in, out) -> {
      long between = gpu.scratch(v.outer * parts * accumulatorBytes);
      gpu.kernel(source, name + "_rows_split")
          .tensor(in.getFirst())
          .address(between)
          .i64(v.outer)
          .i64(v.length)
          .i64(parts)
          .run(Grid.of(Math.min(v.outer * parts, gpu.fullGrid()), threads));
      gpu.kernel(source, name + "_rows_join")
          .address(between)
          .tensor(out.getFirst())
          .i64(v.outer)
          .i64(parts)
          .f64(divisor)
          .run(Grid.of(v.outer, threads));
    };
  }

  private static CudaOp columns(
      CudaSource source, String name, View v, double divisor, long accumulatorBytes) {
    long across = Math.ceilDiv(v.inner, 32L);
    boolean enough = across * v.outer >= ENOUGH_BLOCKS;
    long parts = enough ? 1 : Math.max(1, Math.ceilDiv(v.length, COLUMN_PART));
    if (parts == 1) {
      return (gpu, in, out) ->
          gpu.kernel(source, name + "_columns")
              .tensor(in.getFirst())
              .tensor(out.getFirst())
              .i64(v.outer)
              .i64(v.length)
              .i64(v.inner)
              .f64(divisor)
              .run(blocks(across, v.outer));
    }
    return (gpu, in, out) -> {
      long between = gpu.scratch(v.outer * parts * v.inner * accumulatorBytes);
      gpu.kernel(source, name + "_columns_split")
          .tensor(in.getFirst())
          .address(between)
          .i64(v.outer)
          .i64(v.length)
          .i64(v.inner)
          .i64(parts)
          .run(blocks(across, v.outer * parts));
      gpu.kernel(source, name + "_columns_join")
          .address(between)
          .tensor(out.getFirst())
          .i64(v.outer)
          .i64(parts)
          .i64(v.inner)
          .f64(divisor)
          .run(blocks(across, v.outer));
    };
  }

  private static Grid blocks(long across, long down) {
    return Grid.of(across, Math.min(down, Grid.MOST_YZ), 1, 32, REDUCE.threads() / 32);
  }

  /// Axes with others between them.
  private static @Nullable CudaOp any(
      CudaSource source, String name, Shape shape, int[] axes, boolean mean) {
    List<Integer> reduced = IntStream.of(axes).boxed().toList();
    List<Integer> kept =
        IntStream.range(0, shape.rank()).filter(axis -> !reduced.contains(axis)).boxed().toList();
    Walks over = Walks.along(shape, reduced);
    Walks along = Walks.along(shape, kept);
    if (!over.fits() || !along.fits()) {
      return null;
    }
    long length = over.extents().stream().reduce(1L, Math::multiplyExact);
    return (gpu, in, out) -> {
      Tensor y = out.getFirst();
      gpu.kernel(source, name + "_any")
          .tensor(in.getFirst())
          .tensor(y)
          .i64(y.elems())
          .i64(length)
          .struct(along.struct())
          .struct(over.struct())
          .f64(mean ? length : 1)
          .run(Grid.strided(y.elems(), REDUCE.threads(), gpu.fullGrid()));
    };
  }

  private static CudaOp argMax(CudaSource source, View v) {
    return (gpu, in, out) ->
        gpu.kernel(source, "arg_max_v1")
            .tensor(in.getFirst())
            .tensor(out.getFirst())
            .i64(v.outer)
            .i64(v.length)
            .i64(v.inner)
            .run(Grid.strided(v.outer * v.inner, REDUCE.threads(), gpu.fullGrid()));
  }
}
