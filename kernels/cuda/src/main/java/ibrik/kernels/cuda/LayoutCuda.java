package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Layout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [Layout]: moves bits, whatever they mean, in the widest pieces that fit.
final class LayoutCuda {
  /// What `moves.cu` takes for elements; 16 bytes besides.
  private static final List<DType> BITS = List.of(DType.U8, DType.BF16, DType.I32, DType.I64);

  static final CudaFile MOVES = CudaFile.of("layout/moves.cu", 256, BITS);
  static final CudaFile TRANSPOSE = CudaFile.of("layout/transpose.cu", 256, BITS);

  private static final int TILE = 32;

  private LayoutCuda() {}

  static @Nullable CudaOp op(Layout op, List<TensorSpec> in) {
    TensorSpec x = in.getFirst();
    if (x.dtype() == DType.B1) {
      return null;
    }
    return switch (op) {
      case Layout.Narrow(int axis, long start, _) ->
          (gpu, args, out) -> runs(gpu, args.getFirst(), start, out.getFirst(), 0, axis);
      case Layout.Concat(int axis) ->
          (gpu, args, out) -> {
            long start = 0;
            for (Tensor one : args) {
              runs(gpu, one, 0, out.getFirst(), start, axis);
              start += one.dim(axis);
            }
          };
      case Layout.Pad(int axis, long before, _) ->
          (gpu, args, out) -> pad(gpu, args.getFirst(), out.getFirst(), axis, before);
      case Layout.BroadcastTo(Shape to) -> {
        Walks walks = Walks.of(to, List.of(x.shape()));
        yield walks.fits()
            ? (gpu, args, out) -> strided(gpu, args.getFirst(), out.getFirst(), walks)
            : null;
      }
      case Layout.Transpose(List<Integer> order) -> transpose(x, order);
      case Layout.Reshape _, Layout.Detach _, Layout.ToDevice _ -> null;
    };
  }

  /// Copies all of the smaller one of x and y along `axis`, from place `from` of x to `to` of y.
  private static void runs(CudaDevice gpu, Tensor x, long from, Tensor y, long to, int axis) {
    int bytes = x.dtype().elementBytes();
    long after = x.shape().elemsAfter(axis) * bytes;
    long length = Math.min(x.dim(axis), y.dim(axis)) * after;
    copy(
        gpu,
        new Rows(CudaBuffer.address(x) + from * after, x.dim(axis) * after),
        new Rows(CudaBuffer.address(y) + to * after, y.dim(axis) * after),
        x.shape().elemsBefore(axis),
        length);
  }

  /// Where the first row starts, and the bytes from one to the next.
  private record Rows(long address, long step) {}

  private static void copy(CudaDevice gpu, Rows x, Rows y, long rows, long length) {
    int unit = Packs.most(x.address, y.address, length, x.step, y.step);
    long n = rows * (length / unit);
    gpu.kernel(Packs.mover(MOVES, unit, n), "runs_v1")
        .address(x.address)
        .address(y.address)
        .i64(n)
        .i64(length / unit)
        .i64(x.step / unit)
        .i64(0)
        .i64(y.step / unit)
        .i64(0)
        .run(Grid.strided(n, MOVES.threads(), gpu.fullGrid()));
  }

  /// Copies all of `x` to `y`, which has its size.
  static void copy(CudaDevice gpu, Tensor x, Tensor y) {
    long bytes = x.spec().bytes();
    Rows from = new Rows(CudaBuffer.address(x), bytes);
    copy(gpu, from, new Rows(CudaBuffer.address(y), bytes), 1, bytes);
  }

  private static void pad(CudaDevice gpu, Tensor x, Tensor y, int axis, long before) {
    long after = x.shape().elemsAfter(axis) * x.dtype().elementBytes();
    long length = x.dim(axis) * after;
    long wide = y.dim(axis) * after;
    int unit =
        Packs.most(CudaBuffer.address(x), CudaBuffer.address(y), length, wide, before * after);
    long n = y.spec().bytes() / unit;
    gpu.kernel(Packs.mover(MOVES, unit, n), "pad_v1")
        .tensor(x)
        .tensor(y)
        .i64(n)
        .i64(wide / unit)
        .i64(length / unit)
        .i64(before * after / unit)
        .run(Grid.strided(n, MOVES.threads(), gpu.fullGrid()));
  }

  /// An element of y per place of the walk; several at once where the innermost axis is dense.
  private static void strided(CudaDevice gpu, Tensor x, Tensor y, Walks walks) {
    int bytes = y.dtype().elementBytes();
    int unit = bytes;
    int last = walks.extents().size() - 1;
    List<Long> steps = walks.strides().getFirst();
    if (last >= 0 && steps.get(last) == 1) {
      unit = Packs.most(CudaBuffer.address(x), CudaBuffer.address(y));
      for (int axis = 0; axis < last; axis++) {
        unit = Math.min(unit, Packs.most(steps.get(axis) * bytes));
      }
      unit = Math.min(unit, Packs.most(walks.extents().get(last) * bytes));
    }
    long n = y.spec().bytes() / unit;
    gpu.kernel(Packs.mover(MOVES, unit, n), "strided_v1")
        .tensor(x)
        .tensor(y)
        .i64(n)
        .struct(inUnits(walks, unit / bytes).struct())
        .run(Grid.strided(n, MOVES.threads(), gpu.fullGrid()));
  }

  /// The walk in pieces of `elements` elements along a dense innermost axis.
  private static Walks inUnits(Walks walks, int elements) {
    if (elements == 1) {
      return walks;
    }
    List<Long> extents = new ArrayList<>(walks.extents());
    List<Long> steps = new ArrayList<>(walks.strides().getFirst());
    int last = extents.size() - 1;
    extents.set(last, extents.get(last) / elements);
    for (int axis = 0; axis < last; axis++) {
      steps.set(axis, steps.get(axis) / elements);
    }
    return new Walks(extents, List.of(steps));
  }

  // ---- transpose ----

  private static @Nullable CudaOp transpose(TensorSpec x, List<Integer> order) {
    Axes axes = Axes.of(x.shape(), order);
    int last = axes.extents.size() - 1;
    Walks walks = new Walks(axes.extents, List.of(axes.steps));
    int dense = axes.steps.indexOf(1L);
    if (last < 0 || dense == last || x.elems() == 0) {
      return !walks.fits()
          ? null
          : (gpu, in, out) -> strided(gpu, in.getFirst(), out.getFirst(), walks);
    }
    // The last axis of y against the dense one of x; the others one tile after the other.
    List<Long> extents = new ArrayList<>();
    List<Long> from = new ArrayList<>();
    List<Long> to = new ArrayList<>();
    for (int axis = 0; axis < last; axis++) {
      if (axis != dense) {
        extents.add(axes.extents.get(axis));
        from.add(axes.steps.get(axis));
        to.add(axes.after(axis));
      }
    }
    Walks others = new Walks(extents, List.of(from, to));
    if (!others.fits()) {
      return null;
    }
    long rows = axes.extents.get(last);
    long columns = axes.extents.get(dense);
    long tiles =
        x.elems() / (rows * columns) * Math.ceilDiv(rows, TILE) * Math.ceilDiv(columns, TILE);
    CudaSource source = Packs.mover(TRANSPOSE, x.dtype().elementBytes(), 0);
    return (gpu, in, out) ->
        gpu.kernel(source, "transpose_tiles")
            .tensor(in.getFirst())
            .tensor(out.getFirst())
            .i64(rows)
            .i64(columns)
            .i64(axes.steps.get(last))
            .i64(axes.after(dense))
            .i64(tiles)
            .struct(others.struct())
            .run(
                Grid.of(
                    Math.min(tiles, Integer.MAX_VALUE), 1, 1, TILE, TRANSPOSE.threads() / TILE));
  }

  /// The axes of y with their strides in x, extents of 1 left out and neighbours merged that are
  /// neighbours in x.
  private record Axes(List<Long> extents, List<Long> steps) {
    static Axes of(Shape x, List<Integer> order) {
      List<Long> extents = new ArrayList<>();
      List<Long> steps = new ArrayList<>();
      for (int axis : order) {
        long extent = x.dim(axis);
        long step = x.elemsAfter(axis);
        int last = extents.size() - 1;
        if (extent == 1) {
          continue;
        }
        if (last >= 0 && steps.get(last) == step * extent) {
          extents.set(last, extents.get(last) * extent);
          steps.set(last, step);
        } else {
          extents.add(extent);
          steps.add(step);
        }
      }
      return new Axes(extents, steps);
    }

    /// The stride of an axis in y.
    long after(int axis) {
      return extents.subList(axis + 1, extents.size()).stream().reduce(1L, Math::multiplyExact);
    }
  }
}
