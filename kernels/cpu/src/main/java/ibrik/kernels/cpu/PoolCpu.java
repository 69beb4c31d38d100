package ibrik.kernels.cpu;

import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Pool;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Binds [Pool]: max and average pooling and their gradients, rows of pixels in parallel, channels
/// innermost.
final class PoolCpu {
  private PoolCpu() {}

  static @Nullable Kernel kernel(Pool op, CpuPool pool) {
    return switch (op) {
      case Pool.MaxPool2d max -> (in, out) -> maxPool(pool, max, in.getFirst(), out);
      case Pool.MaxPool2dBackward _ ->
          (in, out) -> scatter(pool, in.get(0), in.get(1), out.getFirst());
      case Pool.AvgPool2d avg -> (in, out) -> average(pool, avg, in.getFirst(), out.getFirst());
      case Pool.AvgPool2dBackward avg ->
          (in, out) -> averageBackward(pool, avg, in.getFirst(), out.getFirst());
      case Pool.MaxPool2dGather _ -> null;
    };
  }

  private static void maxPool(CpuPool pool, Pool.MaxPool2d op, Tensor x, List<Tensor> out) {
    int channels = (int) x.dim(3);
    MemorySegment from = x.data();
    MemorySegment to = out.get(0).data();
    MemorySegment index = out.get(1).data();
    forEachPixel(
        pool,
        out.getFirst(),
        op.rows() * op.columns(),
        (n, p, q, window, target) -> {
          collect(x, op.rows(), op.columns(), op.geometry(), n, p, q, window);
          PoolLoops.max(from, window, to, index, target, channels);
        });
  }

  private static void average(CpuPool pool, Pool.AvgPool2d op, Tensor x, Tensor y) {
    int channels = (int) x.dim(3);
    MemorySegment from = x.data();
    MemorySegment to = y.data();
    int size = op.rows() * op.columns();
    forEachPixel(
        pool,
        y,
        size,
        (n, p, q, window, target) -> {
          collect(x, op.rows(), op.columns(), op.geometry(), n, p, q, window);
          PoolLoops.average(from, window, to, target, channels, size);
        });
  }

  /// A pixel's gradient is the sum over the windows that it lies in.
  private static void averageBackward(
      CpuPool pool, Pool.AvgPool2dBackward op, Tensor dy, Tensor dx) {
    int channels = (int) dx.dim(3);
    MemorySegment from = dy.data();
    MemorySegment to = dx.data();
    int size = op.rows() * op.columns();
    forEachPixel(
        pool,
        dx,
        size,
        (n, h, w, window, target) -> {
          collectBackward(dy, op, n, h, w, window);
          PoolLoops.average(from, window, to, target, channels, size);
        });
  }

  /// What is done at pixel (`n`, `row`, `column`) of the result, whose channels start at byte
  /// `target`; `window` is workspace.
  private interface Pixel {
    void run(long n, int row, int column, PoolLoops.Window window, long target);
  }

  private static void forEachPixel(CpuPool pool, Tensor result, int windowSize, Pixel pixel) {
    int rows = (int) result.dim(1);
    int columns = (int) result.dim(2);
    long bytes = result.dim(3) * 4;
    pool.run(
        (int) result.dim(0) * rows,
        task -> {
          PoolLoops.Window window = new PoolLoops.Window(windowSize);
          for (int column = 0; column < columns; column++) {
            long target = ((long) task * columns + column) * bytes;
            pixel.run(task / rows, task % rows, column, window, target);
          }
        });
  }

  /// The pixels of `x` under window (p, q) of image n.
  private static void collect(
      Tensor x,
      int rows,
      int columns,
      Conv2dGeometry g,
      long n,
      int p,
      int q,
      PoolLoops.Window window) {
    int height = (int) x.dim(1);
    int width = (int) x.dim(2);
    window.clear();
    for (int r = 0; r < rows; r++) {
      int h = p * g.strideHeight() + r * g.dilationHeight() - g.padHeight();
      for (int s = 0; s < columns && h >= 0 && h < height; s++) {
        int w = q * g.strideWidth() + s * g.dilationWidth() - g.padWidth();
        if (w >= 0 && w < width) {
          window.add(((n * height + h) * width + w) * x.dim(3) * 4, h * width + w);
        }
      }
    }
  }

  /// The pixels of `dy` whose windows hold pixel (h, w) of image n.
  private static void collectBackward(
      Tensor dy, Pool.AvgPool2dBackward op, long n, int h, int w, PoolLoops.Window window) {
    Conv2dGeometry g = op.geometry();
    int height = (int) dy.dim(1);
    int width = (int) dy.dim(2);
    window.clear();
    for (int r = 0; r < op.rows(); r++) {
      int down = h + g.padHeight() - r * g.dilationHeight();
      int p = down / g.strideHeight();
      boolean inside = down >= 0 && down % g.strideHeight() == 0 && p < height;
      for (int s = 0; s < op.columns() && inside; s++) {
        int along = w + g.padWidth() - s * g.dilationWidth();
        int q = along / g.strideWidth();
        if (along >= 0 && along % g.strideWidth() == 0 && q < width) {
          window.add(((n * height + p) * width + q) * dy.dim(3) * 4, 0);
        }
      }
    }
  }

  private static void scatter(CpuPool pool, Tensor dy, Tensor index, Tensor dx) {
    int channels = (int) dx.dim(3);
    long windows = dy.dim(1) * dy.dim(2);
    long image = dx.dim(1) * dx.dim(2) * channels;
    MemorySegment from = dy.data();
    MemorySegment places = index.data();
    MemorySegment to = dx.data();
    pool.run(
        (int) dx.dim(0),
        n -> {
          to.asSlice(n * image * 4, image * 4).fill((byte) 0);
          for (long i = n * windows; i < (n + 1) * windows; i++) {
            PoolLoops.scatter(from, places, i * channels * 4, to, n * image * 4, image, channels);
          }
        });
  }
}
