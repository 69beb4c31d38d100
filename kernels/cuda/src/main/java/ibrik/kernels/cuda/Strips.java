package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;

/// How a matrix `[rows, columns]` of products is cut that is never kept whole: into tiles of `side`
/// squared, their columns into parts for one launch, or into strips one after the other, each small
/// enough to stay in the second-level cache until it has been used. All of it depends on the shape
/// alone, and so do the bits.
///
/// @param source the file with its type and `PER`
/// @param side rows and columns of a tile
/// @param bytes of an element
record Strips(CudaSource source, long rows, long columns, int side, long bytes) {
  private static final int THREADS = 256;

  /// Bytes of a strip: a third of the cache of an H100.
  private static final long STRIP_BYTES = 16L << 20;

  /// Blocks that a launch should have.
  private static final long ENOUGH_BLOCKS = 512;

  static Strips of(CudaFile file, DType dtype, long rows, long columns) {
    // Larger tiles do more work per byte, but there must be enough of them.
    int per = dtype == DType.F32 && rows >= 1024 && columns >= 256 ? 8 : 4;
    return new Strips(file.with(dtype).define("PER", per), rows, columns, 16 * per, dtype.bytes(1));
  }

  private long tiles(long length) {
    return Math.ceilDiv(length, side);
  }

  // ---- all columns in one launch

  /// Tiles along the columns that one part has.
  long tilesPerPart() {
    long wanted = Math.clamp(Math.ceilDiv(ENOUGH_BLOCKS, Math.max(1, tiles(rows))), 1, 1024);
    return Math.max(1, Math.ceilDiv(tiles(columns), wanted));
  }

  /// Parts of the columns.
  long parts() {
    return Math.ceilDiv(tiles(columns), tilesPerPart());
  }

  /// A block per tile of rows and part of the columns.
  Grid partGrid() {
    return Grid.of(tiles(rows), parts(), 1, THREADS, 1);
  }

  // ---- strips

  /// Columns of a strip.
  long width() {
    long fit = STRIP_BYTES / bytes / Math.max(1, rows) / side * side;
    return Math.min(columns, Math.max(side, fit));
  }

  /// Bytes of a strip.
  long stripBytes() {
    return rows * width() * bytes;
  }

  /// A block per tile of a strip of `count` columns.
  Grid stripGrid(long count) {
    return grid(rows, count);
  }

  /// What is done with the strip at `from`, of `count` columns.
  interface Body {
    void run(long from, long count);
  }

  void forEach(Body body) {
    for (long from = 0; from < columns; from += width()) {
      body.run(from, Math.min(width(), columns - from));
    }
  }

  // ---- products with a strip

  /// A matrix in memory, its rows `stride` elements apart.
  record Matrix(long address, long stride) {}

  /// `c [m,n] = a b`, or added: `name` is `product_nn`, `product_tn` or `product_nt`.
  void product(
      CudaDevice gpu,
      String name,
      Matrix a,
      Matrix b,
      Matrix c,
      long m,
      long n,
      long k,
      boolean add) {
    gpu.kernel(source, name)
        .address(a.address)
        .i64(a.stride)
        .address(b.address)
        .i64(b.stride)
        .address(c.address)
        .i64(c.stride)
        .i64(m)
        .i64(n)
        .i64(k)
        .i32(add ? 1 : 0)
        .run(grid(m, n));
  }

  private Grid grid(long down, long across) {
    return Grid.of(tiles(down), Math.min(tiles(across), Grid.MOST_YZ), 1, THREADS, 1);
  }
}
