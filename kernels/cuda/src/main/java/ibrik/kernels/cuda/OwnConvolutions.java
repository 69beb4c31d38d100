package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Dnn.Role;
import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.op.Conv2dGeometry;
import org.jspecify.annotations.Nullable;

/// Convolutions by kernels of our own: tiles of an implicit product of matrices, or the readable
/// ones where a tile would be mostly empty (depthwise, few channels).
final class OwnConvolutions {
  static final CudaFile READABLE = CudaFile.of("linear/conv2d.cu", 256, CudaFile.FLOATS);
  static final CudaFile TILED = CudaFile.of("linear/conv2d_tiled.cu", 256, CudaFile.FLOATS);

  /// Rows and columns of a result below this leave three quarters of the smallest tile empty.
  private static final long WORTH_A_TILE = 16;

  /// Blocks that a launch should have.
  private static final long ENOUGH_BLOCKS = 512;

  /// Pixels that a part of the sum over them should have.
  private static final long ENOUGH_PIXELS = 512;

  /// Places within an image and a filter fit into 32 bits with room to add.
  private static final long LARGEST_EXTENT = 1 << 28;

  private OwnConvolutions() {}

  /// The fastest that serves.
  static CudaOp op(DType type, Role role, Conv2dGeometry g, Shape x, Shape w, Shape y) {
    Tiles tiles = Tiles.of(role, g, x, w, y);
    return tiles == null ? readable(type, role, g, x, w, y) : tiled(type, role, g, x, w, y, tiles);
  }

  /// One element of the result per thread.
  static CudaOp readable(DType type, Role role, Conv2dGeometry g, Shape x, Shape w, Shape y) {
    CudaSource source = READABLE.with(type);
    long[] geometry = geometry(g, x, w, y);
    String kernel = stem(role) + "_v1";
    return (gpu, in, out) ->
        gpu.kernel(source, kernel)
            .tensor(in.get(0))
            .tensor(in.get(1))
            .tensor(out.getFirst())
            .struct(geometry)
            .run(Grid.strided(out.getFirst().elems(), READABLE.threads(), gpu.fullGrid()));
  }

  /// How a result `[rows, columns]` of each group is cut.
  ///
  /// @param per elements of a thread along each side; a tile has 16 times as many
  /// @param parts of the depth, each with sums of its own
  record Tiles(int per, long rows, long columns, long groups, long parts) {
    /// Decided by the shape alone, and so are the bits.
    ///
    /// @return null where tiles would be mostly empty, or places do not fit
    static @Nullable Tiles of(Role role, Conv2dGeometry g, Shape x, Shape w, Shape y) {
      if (x.elems() == 0 || w.elems() == 0 || y.elems() == 0) {
        return null;
      }
      long pixels = y.dim(0) * y.dim(1) * y.dim(2);
      long kernels = y.dim(3) / g.groups();
      long channels = w.dim(3);
      long rows =
          switch (role) {
            case FORWARD -> pixels;
            case BACKWARD_DATA -> x.elems() / x.dim(3);
            case BACKWARD_WEIGHT -> kernels;
          };
      long columns =
          switch (role) {
            case FORWARD -> kernels;
            case BACKWARD_DATA -> channels;
            case BACKWARD_WEIGHT -> w.dim(1) * w.dim(2) * channels;
          };
      if (Math.min(rows, columns) < WORTH_A_TILE || !fits(g, x, w, y)) {
        return null;
      }
      boolean weights = role == Role.BACKWARD_WEIGHT;
      for (int per : new int[] {8, 4}) {
        long blocks = blocks(rows, columns, per) * g.groups();
        long parts =
            weights
                ? Math.clamp(ENOUGH_BLOCKS / blocks, 1, Math.max(1, pixels / ENOUGH_PIXELS))
                : 1;
        boolean filled = rows >= 8 * WORTH_A_TILE && columns >= 8 * WORTH_A_TILE;
        if (per == 4 || (filled && blocks * parts >= ENOUGH_BLOCKS)) {
          Tiles tiles = new Tiles(per, rows, columns, g.groups(), parts);
          return tiles.grid().isPossible() ? tiles : null;
        }
      }
      throw new IllegalStateException("the smallest tile always does");
    }

    private static boolean fits(Conv2dGeometry g, Shape x, Shape w, Shape y) {
      for (Shape shape : new Shape[] {x, w, y}) {
        for (int axis = 1; axis < 4; axis++) {
          if (shape.dim(axis) >= LARGEST_EXTENT) {
            return false;
          }
        }
      }
      long down = w.dim(1) * g.dilationHeight() + g.padHeight() + y.dim(1) * g.strideHeight();
      long right = w.dim(2) * g.dilationWidth() + g.padWidth() + y.dim(2) * g.strideWidth();
      return Math.max(down, right) < LARGEST_EXTENT;
    }

    private static long blocks(long rows, long columns, int per) {
      return Math.ceilDiv(rows, 16L * per) * Math.ceilDiv(columns, 16L * per);
    }

    private Extents grid() {
      return new Extents(
          Math.ceilDiv(rows, 16L * per), Math.ceilDiv(columns, 16L * per), groups * parts);
    }

    Grid launch() {
      Extents e = grid();
      return Grid.of(e.x, e.y, e.z, TILED.threads(), 1);
    }

    private record Extents(long x, long y, long z) {
      boolean isPossible() {
        return x <= Integer.MAX_VALUE && Math.max(y, z) <= Grid.MOST_YZ;
      }
    }
  }

  static CudaOp tiled(
      DType type, Role role, Conv2dGeometry g, Shape x, Shape w, Shape y, Tiles tiles) {
    CudaSource source = TILED.with(type).define("PER", tiles.per);
    long[] geometry = geometry(g, x, w, y);
    String kernel = stem(role) + "_tiled";
    if (role != Role.BACKWARD_WEIGHT) {
      return (gpu, in, out) ->
          gpu.kernel(source, kernel)
              .tensor(in.get(0))
              .tensor(in.get(1))
              .tensor(out.getFirst())
              .struct(geometry)
              .run(tiles.launch());
    }
    long sumBytes = type == DType.F64 ? Double.BYTES : Float.BYTES;
    return (gpu, in, out) -> {
      long elements = out.getFirst().elems();
      long sums = gpu.scratch(tiles.parts * elements * sumBytes);
      gpu.kernel(source, kernel)
          .tensor(in.get(0))
          .tensor(in.get(1))
          .address(sums)
          .struct(geometry)
          .i64(tiles.parts)
          .run(tiles.launch());
      gpu.kernel(source, "conv2d_weight_sums")
          .address(sums)
          .tensor(out.getFirst())
          .i64(elements)
          .i64(tiles.parts)
          .run(Grid.strided(elements, TILED.threads(), gpu.fullGrid()));
    };
  }

  private static String stem(Role role) {
    return switch (role) {
      case FORWARD -> "conv2d";
      case BACKWARD_DATA -> "conv2d_backward_data";
      case BACKWARD_WEIGHT -> "conv2d_backward_weight";
    };
  }

  /// `Geometry` of the sources.
  private static long[] geometry(Conv2dGeometry g, Shape x, Shape w, Shape y) {
    return new long[] {
      x.dim(0),
      x.dim(1),
      x.dim(2),
      x.dim(3),
      w.dim(0),
      w.dim(1),
      w.dim(2),
      y.dim(1),
      y.dim(2),
      g.groups(),
      g.strideHeight(),
      g.strideWidth(),
      g.padHeight(),
      g.padWidth(),
      g.dilationHeight(),
      g.dilationWidth()
    };
  }
}
