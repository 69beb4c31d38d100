package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.BYTES;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.I32;
import static ibrik.kernels.cpu.Lanes.INT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// The register tiles under every matrix product and convolution. One tile computes
///
/// ```
/// C[i, v] = sum over runs t, steps k of
///     A[aRow[i] + aOff[t] + k*aStep] * B[bOff[t] + k*bStep + v]
/// ```
///
/// for `rows` rows i and `vectors * lanes` columns v, all offsets in bytes. A is read one element
/// at a time and broadcast, B one vector at a time; accumulators never leave their registers. The
/// rows of A and C lie anywhere: a convolution reads the padded image itself, where the pixels of a
/// tile may come from several rows or images, and no patch matrix is made. A run is then one row of
/// the kernel, `S*C` consecutive floats.
///
/// | tile | accumulators | for |
/// |---|---|---|
/// | 8x3, 8x2, 8x1 | 24, 16, 8 | 32 vector registers (AVX-512, SVE) |
/// | 4x3, 4x2, 8x1 | 12, 8, 8 | 16 vector registers (AVX2, NEON) |
///
/// The bodies are unrolled by hand because the compiler keeps only local variables in registers.
/// The inner loop counts by address: measured 1.25 times as fast as an int counter beside it.
/// Elements of A are loaded as ints, because a broadcast from memory is then one instruction: 1.2
/// times as fast where a tile is one vector wide. Nothing is left to small methods: in bodies of
/// this size the compiler stops inlining all but the Vector API itself, and what it does not inline
/// boxes its vectors. Addresses are absolute and not checked one by one, which halves what it has
/// to digest; [TileSink] asserts the extents of every tile. Nor may a body grow much: one that the
/// quick compiler runs out of registers for never reaches the thorough one, and is a hundred times
/// slower for good. So adding to C is left to [TileSink], too.
final class Tiles {
  private static final boolean WIDE = Lanes.COUNT >= 16;

  /// Widest tile, in vectors.
  static final int MAX_VECTORS = 3;

  /// All memory.
  @SuppressWarnings("restricted")
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private Tiles() {}

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

  /// The operands of a tile.
  ///
  /// @param a element-wise operand
  /// @param aRow offset of each row in a
  /// @param aOff start of each run in a
  /// @param aStep bytes between steps of a run
  /// @param b vector-wise operand
  /// @param bOff start of each run in b
  /// @param bStep bytes between steps of a run
  record Operands(
      MemorySegment a,
      long[] aRow,
      long[] aOff,
      long aStep,
      MemorySegment b,
      long[] bOff,
      long bStep) {}

  /// Where the rows of a tile go.
  ///
  /// @param c output
  /// @param cRow offsets of rows in c
  /// @param first number of the tile's first row among them
  /// @param shift added to these offsets
  record Place(MemorySegment c, long[] cRow, int first, long shift) {}

  /// Runs the tile of `vectors` vectors that begins at row `row` over runs `from ... to-1` of
  /// `length` steps, with `aShift` and `bShift` bytes added to all offsets, and stores to or adds
  /// to its place.
  static void run(
      int vectors,
      Operands o,
      int row,
      Place at,
      long aShift,
      long bShift,
      int from,
      int to,
      int length) {
    try {
      if (WIDE) {
        switch (vectors) {
          case 3 -> tile8x3(o, row, at, aShift, bShift, from, to, length);
          case 2 -> tile8x2(o, row, at, aShift, bShift, from, to, length);
          default -> tile8x1(o, row, at, aShift, bShift, from, to, length);
        }
      } else {
        switch (vectors) {
          case 3 -> tile4x3(o, row, at, aShift, bShift, from, to, length);
          case 2 -> tile4x2(o, row, at, aShift, bShift, from, to, length);
          default -> tile8x1(o, row, at, aShift, bShift, from, to, length);
        }
      }
    } finally {
      // Addresses do not keep alive what lies there.
      Reference.reachabilityFence(o);
      Reference.reachabilityFence(at);
    }
  }

  private static void tile8x3(
      Operands o, int row, Place at, long aShift, long bShift, int from, int to, int length) {
    long a = o.a.address() + aShift;
    long b = o.b.address() + bShift;
    long aStep = o.aStep;
    long bStep = o.bStep;
    long[] aRow = o.aRow;
    long a0 = aRow[row];
    long a1 = aRow[row + 1];
    long a2 = aRow[row + 2];
    long a3 = aRow[row + 3];
    long a4 = aRow[row + 4];
    long a5 = aRow[row + 5];
    long a6 = aRow[row + 6];
    long a7 = aRow[row + 7];
    FloatVector c0_0 = FloatVector.zero(F32);
    FloatVector c0_1 = FloatVector.zero(F32);
    FloatVector c0_2 = FloatVector.zero(F32);
    FloatVector c1_0 = FloatVector.zero(F32);
    FloatVector c1_1 = FloatVector.zero(F32);
    FloatVector c1_2 = FloatVector.zero(F32);
    FloatVector c2_0 = FloatVector.zero(F32);
    FloatVector c2_1 = FloatVector.zero(F32);
    FloatVector c2_2 = FloatVector.zero(F32);
    FloatVector c3_0 = FloatVector.zero(F32);
    FloatVector c3_1 = FloatVector.zero(F32);
    FloatVector c3_2 = FloatVector.zero(F32);
    FloatVector c4_0 = FloatVector.zero(F32);
    FloatVector c4_1 = FloatVector.zero(F32);
    FloatVector c4_2 = FloatVector.zero(F32);
    FloatVector c5_0 = FloatVector.zero(F32);
    FloatVector c5_1 = FloatVector.zero(F32);
    FloatVector c5_2 = FloatVector.zero(F32);
    FloatVector c6_0 = FloatVector.zero(F32);
    FloatVector c6_1 = FloatVector.zero(F32);
    FloatVector c6_2 = FloatVector.zero(F32);
    FloatVector c7_0 = FloatVector.zero(F32);
    FloatVector c7_1 = FloatVector.zero(F32);
    FloatVector c7_2 = FloatVector.zero(F32);
    for (int t = from; t < to; t++) {
      long ap = a + o.aOff[t];
      long bp = b + o.bOff[t];
      for (long end = ap + length * aStep; ap != end; ap += aStep, bp += bStep) {
        FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, bp, ORDER);
        FloatVector b1 = FloatVector.fromMemorySegment(F32, ALL, bp + BYTES, ORDER);
        FloatVector b2 = FloatVector.fromMemorySegment(F32, ALL, bp + 2 * BYTES, ORDER);
        FloatVector s0 = IntVector.broadcast(I32, ALL.get(INT, ap + a0)).reinterpretAsFloats();
        c0_0 = s0.fma(b0, c0_0);
        c0_1 = s0.fma(b1, c0_1);
        c0_2 = s0.fma(b2, c0_2);
        FloatVector s1 = IntVector.broadcast(I32, ALL.get(INT, ap + a1)).reinterpretAsFloats();
        c1_0 = s1.fma(b0, c1_0);
        c1_1 = s1.fma(b1, c1_1);
        c1_2 = s1.fma(b2, c1_2);
        FloatVector s2 = IntVector.broadcast(I32, ALL.get(INT, ap + a2)).reinterpretAsFloats();
        c2_0 = s2.fma(b0, c2_0);
        c2_1 = s2.fma(b1, c2_1);
        c2_2 = s2.fma(b2, c2_2);
        FloatVector s3 = IntVector.broadcast(I32, ALL.get(INT, ap + a3)).reinterpretAsFloats();
        c3_0 = s3.fma(b0, c3_0);
        c3_1 = s3.fma(b1, c3_1);
        c3_2 = s3.fma(b2, c3_2);
        FloatVector s4 = IntVector.broadcast(I32, ALL.get(INT, ap + a4)).reinterpretAsFloats();
        c4_0 = s4.fma(b0, c4_0);
        c4_1 = s4.fma(b1, c4_1);
        c4_2 = s4.fma(b2, c4_2);
        FloatVector s5 = IntVector.broadcast(I32, ALL.get(INT, ap + a5)).reinterpretAsFloats();
        c5_0 = s5.fma(b0, c5_0);
        c5_1 = s5.fma(b1, c5_1);
        c5_2 = s5.fma(b2, c5_2);
        FloatVector s6 = IntVector.broadcast(I32, ALL.get(INT, ap + a6)).reinterpretAsFloats();
        c6_0 = s6.fma(b0, c6_0);
        c6_1 = s6.fma(b1, c6_1);
        c6_2 = s6.fma(b2, c6_2);
        FloatVector s7 = IntVector.broadcast(I32, ALL.get(INT, ap + a7)).reinterpretAsFloats();
        c7_0 = s7.fma(b0, c7_0);
        c7_1 = s7.fma(b1, c7_1);
        c7_2 = s7.fma(b2, c7_2);
      }
    }
    long c = at.c.address() + at.shift;
    long[] cRow = at.cRow;
    int first = at.first;
    long c0 = c + cRow[first];
    long c1 = c + cRow[first + 1];
    long c2 = c + cRow[first + 2];
    long c3 = c + cRow[first + 3];
    long c4 = c + cRow[first + 4];
    long c5 = c + cRow[first + 5];
    long c6 = c + cRow[first + 6];
    long c7 = c + cRow[first + 7];
    c0_0.intoMemorySegment(ALL, c0, ORDER);
    c0_1.intoMemorySegment(ALL, c0 + BYTES, ORDER);
    c0_2.intoMemorySegment(ALL, c0 + 2 * BYTES, ORDER);
    c1_0.intoMemorySegment(ALL, c1, ORDER);
    c1_1.intoMemorySegment(ALL, c1 + BYTES, ORDER);
    c1_2.intoMemorySegment(ALL, c1 + 2 * BYTES, ORDER);
    c2_0.intoMemorySegment(ALL, c2, ORDER);
    c2_1.intoMemorySegment(ALL, c2 + BYTES, ORDER);
    c2_2.intoMemorySegment(ALL, c2 + 2 * BYTES, ORDER);
    c3_0.intoMemorySegment(ALL, c3, ORDER);
    c3_1.intoMemorySegment(ALL, c3 + BYTES, ORDER);
    c3_2.intoMemorySegment(ALL, c3 + 2 * BYTES, ORDER);
    c4_0.intoMemorySegment(ALL, c4, ORDER);
    c4_1.intoMemorySegment(ALL, c4 + BYTES, ORDER);
    c4_2.intoMemorySegment(ALL, c4 + 2 * BYTES, ORDER);
    c5_0.intoMemorySegment(ALL, c5, ORDER);
    c5_1.intoMemorySegment(ALL, c5 + BYTES, ORDER);
    c5_2.intoMemorySegment(ALL, c5 + 2 * BYTES, ORDER);
    c6_0.intoMemorySegment(ALL, c6, ORDER);
    c6_1.intoMemorySegment(ALL, c6 + BYTES, ORDER);
    c6_2.intoMemorySegment(ALL, c6 + 2 * BYTES, ORDER);
    c7_0.intoMemorySegment(ALL, c7, ORDER);
    c7_1.intoMemorySegment(ALL, c7 + BYTES, ORDER);
    c7_2.intoMemorySegment(ALL, c7 + 2 * BYTES, ORDER);
  }

  private static void tile8x2(
      Operands o, int row, Place at, long aShift, long bShift, int from, int to, int length) {
    long a = o.a.address() + aShift;
    long b = o.b.address() + bShift;
    long aStep = o.aStep;
    long bStep = o.bStep;
    long[] aRow = o.aRow;
    long a0 = aRow[row];
    long a1 = aRow[row + 1];
    long a2 = aRow[row + 2];
    long a3 = aRow[row + 3];
    long a4 = aRow[row + 4];
    long a5 = aRow[row + 5];
    long a6 = aRow[row + 6];
    long a7 = aRow[row + 7];
    FloatVector c0_0 = FloatVector.zero(F32);
    FloatVector c0_1 = FloatVector.zero(F32);
    FloatVector c1_0 = FloatVector.zero(F32);
    FloatVector c1_1 = FloatVector.zero(F32);
    FloatVector c2_0 = FloatVector.zero(F32);
    FloatVector c2_1 = FloatVector.zero(F32);
    FloatVector c3_0 = FloatVector.zero(F32);
    FloatVector c3_1 = FloatVector.zero(F32);
    FloatVector c4_0 = FloatVector.zero(F32);
    FloatVector c4_1 = FloatVector.zero(F32);
    FloatVector c5_0 = FloatVector.zero(F32);
    FloatVector c5_1 = FloatVector.zero(F32);
    FloatVector c6_0 = FloatVector.zero(F32);
    FloatVector c6_1 = FloatVector.zero(F32);
    FloatVector c7_0 = FloatVector.zero(F32);
    FloatVector c7_1 = FloatVector.zero(F32);
    for (int t = from; t < to; t++) {
      long ap = a + o.aOff[t];
      long bp = b + o.bOff[t];
      for (long end = ap + length * aStep; ap != end; ap += aStep, bp += bStep) {
        FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, bp, ORDER);
        FloatVector b1 = FloatVector.fromMemorySegment(F32, ALL, bp + BYTES, ORDER);
        FloatVector s0 = IntVector.broadcast(I32, ALL.get(INT, ap + a0)).reinterpretAsFloats();
        c0_0 = s0.fma(b0, c0_0);
        c0_1 = s0.fma(b1, c0_1);
        FloatVector s1 = IntVector.broadcast(I32, ALL.get(INT, ap + a1)).reinterpretAsFloats();
        c1_0 = s1.fma(b0, c1_0);
        c1_1 = s1.fma(b1, c1_1);
        FloatVector s2 = IntVector.broadcast(I32, ALL.get(INT, ap + a2)).reinterpretAsFloats();
        c2_0 = s2.fma(b0, c2_0);
        c2_1 = s2.fma(b1, c2_1);
        FloatVector s3 = IntVector.broadcast(I32, ALL.get(INT, ap + a3)).reinterpretAsFloats();
        c3_0 = s3.fma(b0, c3_0);
        c3_1 = s3.fma(b1, c3_1);
        FloatVector s4 = IntVector.broadcast(I32, ALL.get(INT, ap + a4)).reinterpretAsFloats();
        c4_0 = s4.fma(b0, c4_0);
        c4_1 = s4.fma(b1, c4_1);
        FloatVector s5 = IntVector.broadcast(I32, ALL.get(INT, ap + a5)).reinterpretAsFloats();
        c5_0 = s5.fma(b0, c5_0);
        c5_1 = s5.fma(b1, c5_1);
        FloatVector s6 = IntVector.broadcast(I32, ALL.get(INT, ap + a6)).reinterpretAsFloats();
        c6_0 = s6.fma(b0, c6_0);
        c6_1 = s6.fma(b1, c6_1);
        FloatVector s7 = IntVector.broadcast(I32, ALL.get(INT, ap + a7)).reinterpretAsFloats();
        c7_0 = s7.fma(b0, c7_0);
        c7_1 = s7.fma(b1, c7_1);
      }
    }
    long c = at.c.address() + at.shift;
    long[] cRow = at.cRow;
    int first = at.first;
    long c0 = c + cRow[first];
    long c1 = c + cRow[first + 1];
    long c2 = c + cRow[first + 2];
    long c3 = c + cRow[first + 3];
    long c4 = c + cRow[first + 4];
    long c5 = c + cRow[first + 5];
    long c6 = c + cRow[first + 6];
    long c7 = c + cRow[first + 7];
    c0_0.intoMemorySegment(ALL, c0, ORDER);
    c0_1.intoMemorySegment(ALL, c0 + BYTES, ORDER);
    c1_0.intoMemorySegment(ALL, c1, ORDER);
    c1_1.intoMemorySegment(ALL, c1 + BYTES, ORDER);
    c2_0.intoMemorySegment(ALL, c2, ORDER);
    c2_1.intoMemorySegment(ALL, c2 + BYTES, ORDER);
    c3_0.intoMemorySegment(ALL, c3, ORDER);
    c3_1.intoMemorySegment(ALL, c3 + BYTES, ORDER);
    c4_0.intoMemorySegment(ALL, c4, ORDER);
    c4_1.intoMemorySegment(ALL, c4 + BYTES, ORDER);
    c5_0.intoMemorySegment(ALL, c5, ORDER);
    c5_1.intoMemorySegment(ALL, c5 + BYTES, ORDER);
    c6_0.intoMemorySegment(ALL, c6, ORDER);
    c6_1.intoMemorySegment(ALL, c6 + BYTES, ORDER);
    c7_0.intoMemorySegment(ALL, c7, ORDER);
    c7_1.intoMemorySegment(ALL, c7 + BYTES, ORDER);
  }

  private static void tile8x1(
      Operands o, int row, Place at, long aShift, long bShift, int from, int to, int length) {
    long a = o.a.address() + aShift;
    long b = o.b.address() + bShift;
    long aStep = o.aStep;
    long bStep = o.bStep;
    long[] aRow = o.aRow;
    long a0 = aRow[row];
    long a1 = aRow[row + 1];
    long a2 = aRow[row + 2];
    long a3 = aRow[row + 3];
    long a4 = aRow[row + 4];
    long a5 = aRow[row + 5];
    long a6 = aRow[row + 6];
    long a7 = aRow[row + 7];
    FloatVector c0_0 = FloatVector.zero(F32);
    FloatVector c1_0 = FloatVector.zero(F32);
    FloatVector c2_0 = FloatVector.zero(F32);
    FloatVector c3_0 = FloatVector.zero(F32);
    FloatVector c4_0 = FloatVector.zero(F32);
    FloatVector c5_0 = FloatVector.zero(F32);
    FloatVector c6_0 = FloatVector.zero(F32);
    FloatVector c7_0 = FloatVector.zero(F32);
    for (int t = from; t < to; t++) {
      long ap = a + o.aOff[t];
      long bp = b + o.bOff[t];
      for (long end = ap + length * aStep; ap != end; ap += aStep, bp += bStep) {
        FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, bp, ORDER);
        FloatVector s0 = IntVector.broadcast(I32, ALL.get(INT, ap + a0)).reinterpretAsFloats();
        c0_0 = s0.fma(b0, c0_0);
        FloatVector s1 = IntVector.broadcast(I32, ALL.get(INT, ap + a1)).reinterpretAsFloats();
        c1_0 = s1.fma(b0, c1_0);
        FloatVector s2 = IntVector.broadcast(I32, ALL.get(INT, ap + a2)).reinterpretAsFloats();
        c2_0 = s2.fma(b0, c2_0);
        FloatVector s3 = IntVector.broadcast(I32, ALL.get(INT, ap + a3)).reinterpretAsFloats();
        c3_0 = s3.fma(b0, c3_0);
        FloatVector s4 = IntVector.broadcast(I32, ALL.get(INT, ap + a4)).reinterpretAsFloats();
        c4_0 = s4.fma(b0, c4_0);
        FloatVector s5 = IntVector.broadcast(I32, ALL.get(INT, ap + a5)).reinterpretAsFloats();
        c5_0 = s5.fma(b0, c5_0);
        FloatVector s6 = IntVector.broadcast(I32, ALL.get(INT, ap + a6)).reinterpretAsFloats();
        c6_0 = s6.fma(b0, c6_0);
        FloatVector s7 = IntVector.broadcast(I32, ALL.get(INT, ap + a7)).reinterpretAsFloats();
        c7_0 = s7.fma(b0, c7_0);
      }
    }
    long c = at.c.address() + at.shift;
    long[] cRow = at.cRow;
    int first = at.first;
    long c0 = c + cRow[first];
    long c1 = c + cRow[first + 1];
    long c2 = c + cRow[first + 2];
    long c3 = c + cRow[first + 3];
    long c4 = c + cRow[first + 4];
    long c5 = c + cRow[first + 5];
    long c6 = c + cRow[first + 6];
    long c7 = c + cRow[first + 7];
    c0_0.intoMemorySegment(ALL, c0, ORDER);
    c1_0.intoMemorySegment(ALL, c1, ORDER);
    c2_0.intoMemorySegment(ALL, c2, ORDER);
    c3_0.intoMemorySegment(ALL, c3, ORDER);
    c4_0.intoMemorySegment(ALL, c4, ORDER);
    c5_0.intoMemorySegment(ALL, c5, ORDER);
    c6_0.intoMemorySegment(ALL, c6, ORDER);
    c7_0.intoMemorySegment(ALL, c7, ORDER);
  }

  private static void tile4x3(
      Operands o, int row, Place at, long aShift, long bShift, int from, int to, int length) {
    long a = o.a.address() + aShift;
    long b = o.b.address() + bShift;
    long aStep = o.aStep;
    long bStep = o.bStep;
    long[] aRow = o.aRow;
    long a0 = aRow[row];
    long a1 = aRow[row + 1];
    long a2 = aRow[row + 2];
    long a3 = aRow[row + 3];
    FloatVector c0_0 = FloatVector.zero(F32);
    FloatVector c0_1 = FloatVector.zero(F32);
    FloatVector c0_2 = FloatVector.zero(F32);
    FloatVector c1_0 = FloatVector.zero(F32);
    FloatVector c1_1 = FloatVector.zero(F32);
    FloatVector c1_2 = FloatVector.zero(F32);
    FloatVector c2_0 = FloatVector.zero(F32);
    FloatVector c2_1 = FloatVector.zero(F32);
    FloatVector c2_2 = FloatVector.zero(F32);
    FloatVector c3_0 = FloatVector.zero(F32);
    FloatVector c3_1 = FloatVector.zero(F32);
    FloatVector c3_2 = FloatVector.zero(F32);
    for (int t = from; t < to; t++) {
      long ap = a + o.aOff[t];
      long bp = b + o.bOff[t];
      for (long end = ap + length * aStep; ap != end; ap += aStep, bp += bStep) {
        FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, bp, ORDER);
        FloatVector b1 = FloatVector.fromMemorySegment(F32, ALL, bp + BYTES, ORDER);
        FloatVector b2 = FloatVector.fromMemorySegment(F32, ALL, bp + 2 * BYTES, ORDER);
        FloatVector s0 = IntVector.broadcast(I32, ALL.get(INT, ap + a0)).reinterpretAsFloats();
        c0_0 = s0.fma(b0, c0_0);
        c0_1 = s0.fma(b1, c0_1);
        c0_2 = s0.fma(b2, c0_2);
        FloatVector s1 = IntVector.broadcast(I32, ALL.get(INT, ap + a1)).reinterpretAsFloats();
        c1_0 = s1.fma(b0, c1_0);
        c1_1 = s1.fma(b1, c1_1);
        c1_2 = s1.fma(b2, c1_2);
        FloatVector s2 = IntVector.broadcast(I32, ALL.get(INT, ap + a2)).reinterpretAsFloats();
        c2_0 = s2.fma(b0, c2_0);
        c2_1 = s2.fma(b1, c2_1);
        c2_2 = s2.fma(b2, c2_2);
        FloatVector s3 = IntVector.broadcast(I32, ALL.get(INT, ap + a3)).reinterpretAsFloats();
        c3_0 = s3.fma(b0, c3_0);
        c3_1 = s3.fma(b1, c3_1);
        c3_2 = s3.fma(b2, c3_2);
      }
    }
    long c = at.c.address() + at.shift;
    long[] cRow = at.cRow;
    int first = at.first;
    long c0 = c + cRow[first];
    long c1 = c + cRow[first + 1];
    long c2 = c + cRow[first + 2];
    long c3 = c + cRow[first + 3];
    c0_0.intoMemorySegment(ALL, c0, ORDER);
    c0_1.intoMemorySegment(ALL, c0 + BYTES, ORDER);
    c0_2.intoMemorySegment(ALL, c0 + 2 * BYTES, ORDER);
    c1_0.intoMemorySegment(ALL, c1, ORDER);
    c1_1.intoMemorySegment(ALL, c1 + BYTES, ORDER);
    c1_2.intoMemorySegment(ALL, c1 + 2 * BYTES, ORDER);
    c2_0.intoMemorySegment(ALL, c2, ORDER);
    c2_1.intoMemorySegment(ALL, c2 + BYTES, ORDER);
    c2_2.intoMemorySegment(ALL, c2 + 2 * BYTES, ORDER);
    c3_0.intoMemorySegment(ALL, c3, ORDER);
    c3_1.intoMemorySegment(ALL, c3 + BYTES, ORDER);
    c3_2.intoMemorySegment(ALL, c3 + 2 * BYTES, ORDER);
  }

  private static void tile4x2(
      Operands o, int row, Place at, long aShift, long bShift, int from, int to, int length) {
    long a = o.a.address() + aShift;
    long b = o.b.address() + bShift;
    long aStep = o.aStep;
    long bStep = o.bStep;
    long[] aRow = o.aRow;
    long a0 = aRow[row];
    long a1 = aRow[row + 1];
    long a2 = aRow[row + 2];
    long a3 = aRow[row + 3];
    FloatVector c0_0 = FloatVector.zero(F32);
    FloatVector c0_1 = FloatVector.zero(F32);
    FloatVector c1_0 = FloatVector.zero(F32);
    FloatVector c1_1 = FloatVector.zero(F32);
    FloatVector c2_0 = FloatVector.zero(F32);
    FloatVector c2_1 = FloatVector.zero(F32);
    FloatVector c3_0 = FloatVector.zero(F32);
    FloatVector c3_1 = FloatVector.zero(F32);
    for (int t = from; t < to; t++) {
      long ap = a + o.aOff[t];
      long bp = b + o.bOff[t];
      for (long end = ap + length * aStep; ap != end; ap += aStep, bp += bStep) {
        FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, bp, ORDER);
        FloatVector b1 = FloatVector.fromMemorySegment(F32, ALL, bp + BYTES, ORDER);
        FloatVector s0 = IntVector.broadcast(I32, ALL.get(INT, ap + a0)).reinterpretAsFloats();
        c0_0 = s0.fma(b0, c0_0);
        c0_1 = s0.fma(b1, c0_1);
        FloatVector s1 = IntVector.broadcast(I32, ALL.get(INT, ap + a1)).reinterpretAsFloats();
        c1_0 = s1.fma(b0, c1_0);
        c1_1 = s1.fma(b1, c1_1);
        FloatVector s2 = IntVector.broadcast(I32, ALL.get(INT, ap + a2)).reinterpretAsFloats();
        c2_0 = s2.fma(b0, c2_0);
        c2_1 = s2.fma(b1, c2_1);
        FloatVector s3 = IntVector.broadcast(I32, ALL.get(INT, ap + a3)).reinterpretAsFloats();
        c3_0 = s3.fma(b0, c3_0);
        c3_1 = s3.fma(b1, c3_1);
      }
    }
    long c = at.c.address() + at.shift;
    long[] cRow = at.cRow;
    int first = at.first;
    long c0 = c + cRow[first];
    long c1 = c + cRow[first + 1];
    long c2 = c + cRow[first + 2];
    long c3 = c + cRow[first + 3];
    c0_0.intoMemorySegment(ALL, c0, ORDER);
    c0_1.intoMemorySegment(ALL, c0 + BYTES, ORDER);
    c1_0.intoMemorySegment(ALL, c1, ORDER);
    c1_1.intoMemorySegment(ALL, c1 + BYTES, ORDER);
    c2_0.intoMemorySegment(ALL, c2, ORDER);
    c2_1.intoMemorySegment(ALL, c2 + BYTES, ORDER);
    c3_0.intoMemorySegment(ALL, c3, ORDER);
    c3_1.intoMemorySegment(ALL, c3 + BYTES, ORDER);
  }
}
