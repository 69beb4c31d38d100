package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;

/// How the columns of a matrix are summed (`columns.cuh`): blocks of 256 threads, `across` of them
/// along the columns, and the rows cut into parts. All of it depends on the shape alone, so the
/// bits do too.
///
/// @param rows of the matrix
/// @param columns of the matrix
/// @param wide whether a thread takes 16 bytes of columns, or one
/// @param across threads of a block along the columns, a power of two up to 32
/// @param length rows of a part
/// @param parts number of parts, at most 1024
record ColumnGrid(long rows, long columns, boolean wide, int across, long length, long parts) {
  private static final int THREADS = 256;

  /// Blocks that fill the largest devices.
  private static final long ENOUGH_BLOCKS = 1024;

  /// Rows of a part that are worth a block.
  private static final long LEAST_ROWS = 64;

  static ColumnGrid of(long rows, long columns, DType dtype) {
    int pack = Packs.elements(dtype);
    boolean wide = columns % pack == 0;
    long threads = Math.ceilDiv(columns, wide ? pack : 1);
    int across = 1;
    while (across < 32 && across < threads) {
      across *= 2;
    }
    long blocks = Math.max(1, Math.ceilDiv(threads, across));
    long wanted = Math.min(Math.ceilDiv(rows, LEAST_ROWS), Math.ceilDiv(ENOUGH_BLOCKS, blocks));
    long length = Math.max(1, Math.ceilDiv(rows, Math.max(1, wanted)));
    return new ColumnGrid(rows, columns, wide, across, length, Math.ceilDiv(rows, length));
  }

  /// The kernel's name with the variant for this matrix.
  String variant(String name) {
    return name + (wide ? "_packs" : "_v1");
  }

  /// A block per group of columns and part.
  Grid grid(DType dtype) {
    long each = (long) across * (wide ? Packs.elements(dtype) : 1);
    return Grid.of(Math.ceilDiv(columns, each), parts, 1, across, THREADS / across);
  }

  /// For the kernels that join the parts: 8 columns by 32 parts a block.
  Grid join() {
    return Grid.of(Math.ceilDiv(columns, 8), 1, 1, 8, THREADS / 8);
  }

  /// Two sums of each part and column.
  long scratchBytes(DType dtype) {
    return 2 * parts * columns * accumulatorBytes(dtype);
  }

  /// Bytes of what `acc` of `ibrik.cuh` makes of a floating-point type.
  static int accumulatorBytes(DType dtype) {
    return dtype.wide().elementBytes();
  }
}
