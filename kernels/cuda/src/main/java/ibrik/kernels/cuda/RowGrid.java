package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.TensorSpec;

/// A tensor as rows, each worked on by a team of threads (`rows.cuh`). Which team depends on the
/// width alone, so the bits do too.
///
/// @param rows number of rows
/// @param width elements of a row, the last axis
record RowGrid(long rows, long width) {
  /// Threads of a block.
  static final int THREADS = 256;

  private static final int MOST_FOR_A_THREAD = 8;
  private static final int MOST_FOR_A_WARP = 1024;

  /// The rows along the last axis of `x`.
  static RowGrid of(TensorSpec x) {
    long width = x.shape().dim(-1);
    return new RowGrid(width == 0 ? 0 : x.elems() / width, width);
  }

  /// The kernel's name with the variant for this width.
  String variant(String name) {
    return name + (width <= MOST_FOR_A_THREAD ? "_v1" : width <= MOST_FOR_A_WARP ? "_v2" : "_v3");
  }

  /// The blocks of [#variant].
  Grid grid(CudaDevice gpu) {
    long blocks =
        width <= MOST_FOR_A_THREAD
            ? Math.ceilDiv(rows, THREADS)
            : width <= MOST_FOR_A_WARP ? Math.ceilDiv(rows, THREADS / 32L) : rows;
    return Grid.of(Math.min(blocks, gpu.fullGrid()), THREADS);
  }
}
