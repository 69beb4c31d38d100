package ibrik.kernels.cuda.driver;

/// How many blocks of how many threads, and the dynamic shared memory of each block.
///
/// @param x blocks along x; a grid without blocks is not launched
/// @param y blocks along y, at most 65535
/// @param z blocks along z, at most 65535
/// @param blockX threads along x
/// @param blockY threads along y
/// @param sharedBytes dynamic shared memory per block
public record Grid(int x, int y, int z, int blockX, int blockY, int sharedBytes) {
  /// The largest extent of a grid along y and z.
  public static final int MOST_YZ = 65535;

  /// `blocks` blocks in a row of `threads` threads in a row.
  public static Grid of(long blocks, int threads) {
    return new Grid(Math.toIntExact(blocks), 1, 1, threads, 1, 0);
  }

  /// As many blocks of `threads` threads as give every one of `items` a thread, at most `most`
  /// blocks: the kernel strides over the rest.
  public static Grid strided(long items, int threads, int most) {
    return of(Math.min(most, Math.ceilDiv(items, threads)), threads);
  }

  /// Rectangular blocks in a grid of up to three axes.
  public static Grid of(long x, long y, long z, int blockX, int blockY) {
    return new Grid(Math.toIntExact(x), Math.toIntExact(y), Math.toIntExact(z), blockX, blockY, 0);
  }

  /// This grid with dynamic shared memory.
  public Grid shared(int bytes) {
    return new Grid(x, y, z, blockX, blockY, bytes);
  }

  /// Whether there is nothing to launch.
  public boolean isEmpty() {
    return x == 0 || y == 0 || z == 0;
  }

  @Override
  public String toString() {
    return "grid ("
        + x
        + ","
        + y
        + ","
        + z
        + "), block ("
        + blockX
        + ","
        + blockY
        + ",1)"
        + (sharedBytes == 0 ? "" : ", " + sharedBytes + " bytes shared");
  }
}
