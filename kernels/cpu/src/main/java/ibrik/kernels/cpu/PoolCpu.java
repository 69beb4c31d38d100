package ibrik.kernels.cpu;

import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Pool;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Binds [Pool]: max pooling and its gradient, images in parallel, channels innermost.
final class PoolCpu {
  private PoolCpu() {}

  static @Nullable Kernel kernel(Pool op, CpuPool pool) {
    return switch (op) {
      case Pool.MaxPool2d max -> (in, out) -> maxPool(pool, max, in.getFirst(), out);
      case Pool.MaxPool2dBackward _ ->
          (in, out) -> scatter(pool, in.get(0), in.get(1), out.getFirst());
      case Pool.MaxPool2dGather _, Pool.AvgPool2d _, Pool.AvgPool2dBackward _ -> null;
    };
  }

  private static void maxPool(CpuPool pool, Pool.MaxPool2d op, Tensor x, List<Tensor> out) {
    Conv2dGeometry g = op.geometry();
    int height = (int) x.dim(1);
    int width = (int) x.dim(2);
    int channels = (int) x.dim(3);
    int rows = (int) out.getFirst().dim(1);
    int columns = (int) out.getFirst().dim(2);
    MemorySegment from = x.data();
    MemorySegment to = out.get(0).data();
    MemorySegment index = out.get(1).data();
    pool.run(
        (int) x.dim(0) * rows,
        task -> {
          int n = task / rows;
          int p = task % rows;
          for (int q = 0; q < columns; q++) {
            long target = (((long) n * rows + p) * columns + q) * channels;
            boolean first = true;
            for (int r = 0; r < op.rows(); r++) {
              int h = p * g.strideHeight() + r * g.dilationHeight() - g.padHeight();
              for (int s = 0; s < op.columns(); s++) {
                int w = q * g.strideWidth() + s * g.dilationWidth() - g.padWidth();
                if (h >= 0 && h < height && w >= 0 && w < width) {
                  long source = (((long) n * height + h) * width + w) * channels;
                  best(from, source, to, index, target, channels, h * width + w, first);
                  first = false;
                }
              }
            }
          }
        });
  }

  /// Takes over the candidates of one pixel that beat what is there.
  private static void best(
      MemorySegment x,
      long source,
      MemorySegment y,
      MemorySegment index,
      long target,
      int channels,
      int place,
      boolean first) {
    for (int c = 0; c < channels; c++) {
      float value = x.get(Lanes.FLOAT, (source + c) * 4);
      long at = (target + c) * 4;
      float old = first ? 0 : y.get(Lanes.FLOAT, at);
      if (first || value > old || (Float.isNaN(value) && !Float.isNaN(old))) {
        y.set(Lanes.FLOAT, at, value);
        index.set(Lanes.INT, at, place);
      }
    }
  }

  private static void scatter(CpuPool pool, Tensor dy, Tensor index, Tensor dx) {
    int channels = (int) dx.dim(3);
    long window = dy.dim(1) * dy.dim(2) * channels;
    long image = dx.dim(1) * dx.dim(2) * channels;
    MemorySegment from = dy.data();
    MemorySegment places = index.data();
    MemorySegment to = dx.data();
    pool.run(
        (int) dx.dim(0),
        n -> {
          to.asSlice(n * image * 4, image * 4).fill((byte) 0);
          for (long i = 0; i < window; i++) {
            long source = (n * window + i) * 4;
            int place = places.get(Lanes.INT, source);
            if (place < 0 || (long) place * channels >= image) {
              throw new IllegalArgumentException(
                  "[max_pool2d] index must lie inside the image; got " + place);
            }
            long target = (n * image + (long) place * channels + i % channels) * 4;
            to.set(
                Lanes.FLOAT, target, to.get(Lanes.FLOAT, target) + from.get(Lanes.FLOAT, source));
          }
        });
  }
}
