package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Pool;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [Pool].
final class PoolCuda {
  static final CudaFile POOL = CudaFile.of("pool/pool.cu", 256, CudaFile.FLOATS);

  /// Threads that keep a device busy.
  private static final long ENOUGH_THREADS = 1 << 16;

  /// Each band reads all of the index.
  private static final long MOST_BANDS = 8;

  private PoolCuda() {}

  static @Nullable CudaOp op(Pool op, List<TensorSpec> in) {
    TensorSpec x = in.getFirst();
    if (!POOL.serves(x.dtype())) {
      return null;
    }
    CudaSource source = POOL.with(x.dtype());
    return switch (op) {
      case Pool.MaxPool2d(int rows, int columns, Conv2dGeometry g) ->
          windows(source, "max_pool2d", x, Window.of(x.shape(), rows, columns, g), false);
      case Pool.AvgPool2d(int rows, int columns, Conv2dGeometry g) ->
          windows(source, "avg_pool2d", x, Window.of(x.shape(), rows, columns, g), false);
      case Pool.AvgPool2dBackward(int rows, int columns, Conv2dGeometry g, long h, long w) -> {
        Shape dx = Shape.of(x.shape().dim(0), h, w, x.shape().dim(3));
        yield windows(source, "avg_pool2d_backward", x, Window.of(dx, rows, columns, g), true);
      }
      case Pool.MaxPool2dBackward(long height, long width) -> scatter(source, x, height * width);
      case Pool.MaxPool2dGather _ -> gather(source, x, in.get(1));
    };
  }

  /// The struct `Geometry` of `pool.cu`.
  private record Window(Shape x, long high, long wide, int rows, int columns, Conv2dGeometry g) {
    static Window of(Shape x, int rows, int columns, Conv2dGeometry g) {
      return new Window(
          x, g.outHeight(x.dim(1), rows), g.outWidth(x.dim(2), columns), rows, columns, g);
    }

    long[] struct() {
      return new long[] {
        x.dim(0),
        x.dim(1),
        x.dim(2),
        x.dim(3),
        high,
        wide,
        rows,
        columns,
        g.strideHeight(),
        g.strideWidth(),
        g.padHeight(),
        g.padWidth(),
        g.dilationHeight(),
        g.dilationWidth()
      };
    }
  }

  /// A block per row of pixels of the result.
  private static CudaOp windows(
      CudaSource source, String name, TensorSpec first, Window window, boolean backward) {
    long channels = window.x.dim(3);
    boolean wide = channels % Packs.elements(first.dtype()) == 0;
    long pixelRows = window.x.dim(0) * (backward ? window.x.dim(1) : window.high);
    long[] struct = window.struct();
    return (gpu, in, out) -> {
      Tensor y = out.getFirst();
      Launch launch = gpu.kernel(source, name + (wide ? "_packs" : "_v1")).tensor(in.getFirst());
      out.forEach(launch::tensor);
      launch
          .struct(struct)
          .i32(Packs.fit(channels, in.getFirst(), y))
          .run(Grid.of(Math.min(pixelRows, Integer.MAX_VALUE), POOL.threads()));
    };
  }

  private static CudaOp scatter(CudaSource source, TensorSpec dy, long pixels) {
    long images = dy.shape().dim(0);
    long channels = dy.shape().dim(3);
    long windows = dy.shape().dim(1) * dy.shape().dim(2);
    long columns = Math.max(1, images * channels);
    long bands = Math.clamp(Math.ceilDiv(ENOUGH_THREADS, columns), 1, MOST_BANDS);
    return (gpu, in, out) ->
        gpu.kernel(source, "max_pool2d_backward_bands")
            .tensor(in.get(0))
            .tensor(in.get(1))
            .tensor(out.getFirst())
            .i64(images)
            .i64(pixels)
            .i64(windows)
            .i64(channels)
            .i64(bands)
            .run(Grid.strided(images * bands * channels, POOL.threads(), gpu.fullGrid()));
  }

  private static CudaOp gather(CudaSource source, TensorSpec x, TensorSpec index) {
    Shape y = index.shape();
    return (gpu, in, out) ->
        gpu.kernel(source, "max_pool2d_gather_v1")
            .tensor(in.get(0))
            .tensor(in.get(1))
            .tensor(out.getFirst())
            .i64(y.dim(0))
            .i64(x.shape().dim(1) * x.shape().dim(2))
            .i64(y.dim(1) * y.dim(2))
            .i64(y.dim(3))
            .run(Grid.strided(y.elems(), POOL.threads(), gpu.fullGrid()));
  }
}
