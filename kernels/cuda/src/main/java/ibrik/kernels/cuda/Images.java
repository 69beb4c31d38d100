package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.Shape;
import ibrik.tensor.op.Conv2dGeometry;

/// What a convolution of words or bytes over images passes to its kernel, and how it is launched.
///
/// @param struct the fields of `Image` in `words.cuh`
/// @param pixels of the result
/// @param filters of the result
record Images(long[] struct, long pixels, long filters) {
  /// Which kernel multiplies. All give the same integers.
  enum Variant {
    /// An element per thread.
    V1,
    /// Tiles, by the cores.
    TILE,
    /// Tiles, by the tensor cores.
    TENSOR
  }

  /// Rows and columns of a tile.
  private static final int SIDE = 64;

  private static final int THREADS = 256;

  /// `x [N,H,W,C]`, `w [K,R,S,C]`, `y [N,P,Q,K]`.
  static Images of(Shape x, Shape w, Shape y, Conv2dGeometry g) {
    long[] struct = {
      x.dim(0),
      x.dim(1),
      x.dim(2),
      x.dim(3),
      w.dim(0),
      w.dim(1),
      w.dim(2),
      y.dim(1),
      y.dim(2),
      g.strideHeight(),
      g.strideWidth(),
      g.padHeight(),
      g.padWidth(),
      g.dilationHeight(),
      g.dilationWidth()
    };
    return new Images(struct, x.dim(0) * y.dim(1) * y.dim(2), w.dim(0));
  }

  /// `x [rows,depth]` times `w [filters,depth]` transposed: images of one pixel.
  static Images ofRows(long rows, long depth, long filters) {
    long[] struct = {rows, 1, 1, depth, filters, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1};
    return new Images(struct, rows, filters);
  }

  /// The grid of a variant.
  Grid grid(Variant variant, CudaDevice gpu) {
    if (variant == Variant.V1) {
      return Grid.strided(pixels * filters, THREADS, gpu.fullGrid());
    }
    long across = Math.min(Math.ceilDiv(filters, SIDE), Grid.MOST_YZ);
    return Grid.of(Math.ceilDiv(pixels, SIDE), across, 1, THREADS, 1);
  }

  /// The source that has a variant.
  static CudaSource source(CudaSource source, Variant variant) {
    return variant == Variant.TENSOR ? source.define("TENSOR", 1) : source;
  }
}
