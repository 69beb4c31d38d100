package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;

/// A register tile with its operands: the inner loops under every matrix product and convolution.
/// It computes `rows` rows and `vectors * lanes` columns of C as a sum over runs of steps, where a
/// step adds the product of one element of A per row, broadcast, with one or two vectors of B.
/// Accumulators never leave their registers. There are two kinds, [Tiles] and [OuterTiles].
///
/// | tile | accumulators | for |
/// |---|---|---|
/// | 8x2, 8x1 | 16, 8 | 32 vector registers (AVX-512, SVE) |
/// | 4x2, 8x1 | 8, 8 | 16 vector registers (AVX2, NEON) |
///
/// The bodies are unrolled by hand because the compiler keeps only local variables in registers,
/// and written so that what it makes of a step is little more than loads and multiply-adds: 35
/// instructions for the 16 of a tile of 8x2.
///
/// - Addresses are absolute, masked with [#ADDRESS], and distances within a run are small ints: the
///   compiler then knows that every access lies in [#ALL], leaves its checks out, and folds the sum
///   into the load. Measured by turns on a Xeon (AVX-512): 8x1 1.8 times as fast as with checks,
///   8x2 1.4 times. What is not checked one by one, [TileSink] asserts tile by tile.
/// - Elements of A are loaded as ints, because a broadcast from memory is then one instruction.
/// - The compiler moves all broadcasts of a step to its front, so a tile may have as many
///   accumulators, vectors of B and rows together as there are registers. A tile of 8x3 does not
///   fit: sometimes a few accumulators lived in memory, sometimes most of them.
/// - Nothing is left to small methods: in bodies of this size the compiler stops inlining all but
///   the Vector API itself, and what it does not inline boxes its vectors. Nor may a body grow
///   much, or get another loop: one that the quick compiler runs out of registers for never reaches
///   the thorough one, and is a hundred times slower for good. So adding to C is left to
///   [TileSink].
interface Tile {
  /// Whether there are 32 vector registers.
  boolean WIDE = Lanes.COUNT >= 16;

  /// Widest tile, in vectors.
  int MAX_VECTORS = 2;

  /// All memory.
  @SuppressWarnings("restricted")
  MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /// Changes no address, but says that it is far from the end of [#ALL].
  long ADDRESS = Long.MAX_VALUE >>> 1;

  /// Rows that a tile of `vectors` vectors computes at once.
  static int rows(int vectors) {
    return WIDE || vectors == 1 ? 8 : 4;
  }

  /// The offsets of `count` rows, `pitch` bytes apart, and of copies of the last one up to a whole
  /// tile.
  static long[] rows(int count, long pitch) {
    int tile = rows(1);
    long[] rows = new long[Math.ceilDiv(count, tile) * tile];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Math.min(i, count - 1) * pitch;
    }
    return rows;
  }

  /// Where the rows of a tile go.
  ///
  /// @param c output
  /// @param cRow offsets of rows in c
  /// @param first number of the tile's first row among them
  /// @param shift added to these offsets
  record Place(MemorySegment c, long[] cRow, int first, long shift) {}

  /// Runs the tile of `vectors` vectors that begins at row `row` of A over runs `from ... to-1` of
  /// `length` steps, with `aShift` and `bShift` bytes added to all offsets, and stores to its
  /// place.
  void run(int vectors, int row, Place at, long aShift, long bShift, int from, int to, int length);

  /// Whether all that [#run] reads with these arguments lies in the operands.
  boolean inside(int vectors, int row, long aShift, long bShift, int from, int to, int length);
}
