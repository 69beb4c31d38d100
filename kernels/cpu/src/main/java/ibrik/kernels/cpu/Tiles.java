package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.BYTES;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The register tiles under every matrix product and convolution. One tile computes
///
/// ```
/// C[i, v] (+)= sum over runs t, steps k of  A[aOff[t] + i*aRow + k*aStep] * B[bOff[t] + k*bStep + v]
/// ```
///
/// for `rows` rows i and `vectors * lanes` columns v, all offsets in bytes. A is read one element
/// at a time and broadcast, B one vector at a time; accumulators never leave their registers. Rows
/// that lie a stride apart in memory need no packing, which is what lets a convolution read the
/// image itself: a run is then one row of the kernel, `S*C` consecutive floats.
///
/// | tile | accumulators | for |
/// |---|---|---|
/// | 8x3, 8x2, 16x1 | 24, 16, 16 | 32 vector registers (AVX-512, SVE) |
/// | 4x3, 4x2, 8x1 | 12, 8, 8 | 16 vector registers (AVX2, NEON) |
///
/// The bodies are unrolled by hand because the compiler keeps only local variables in registers.
/// The inner loop counts by address: measured 1.25 times as fast as an int counter beside it.
final class Tiles {
  /// Rows of the tile for a given number of vectors, by register count.
  private static final boolean WIDE = Lanes.COUNT >= 16;

  /// Widest tile, in vectors.
  static final int MAX_VECTORS = 3;

  private Tiles() {}

  /// Rows that a tile of `vectors` vectors computes at once.
  static int rows(int vectors) {
    return switch (vectors) {
      case 1 -> WIDE ? 16 : 8;
      default -> WIDE ? 8 : 4;
    };
  }

  /// The operands of a tile.
  ///
  /// @param a element-wise operand
  /// @param aOff start of each run in a
  /// @param aRow bytes between rows of a tile
  /// @param aStep bytes between steps of a run
  /// @param b vector-wise operand
  /// @param bOff start of each run in b
  /// @param bStep bytes between steps of a run
  record Operands(
      MemorySegment a,
      long[] aOff,
      long aRow,
      long aStep,
      MemorySegment b,
      long[] bOff,
      long bStep) {}

  /// Runs the tile of `vectors` vectors over runs `from ... to-1` of `length` steps, with `aShift`
  /// and `bShift` bytes added to all offsets, and stores to (or adds to) `c`, rows `cRow` bytes
  /// apart.
  static void run(
      int vectors,
      Operands o,
      long aShift,
      long bShift,
      int from,
      int to,
      int length,
      MemorySegment c,
      long cOff,
      long cRow,
      boolean accumulate) {
    if (WIDE) {
      switch (vectors) {
        case 3 -> tile8x3(o, aShift, bShift, from, to, length, c, cOff, cRow, accumulate);
        case 2 -> tile8x2(o, aShift, bShift, from, to, length, c, cOff, cRow, accumulate);
        default -> tile16x1(o, aShift, bShift, from, to, length, c, cOff, cRow, accumulate);
      }
    } else {
      switch (vectors) {
        case 3 -> tile4x3(o, aShift, bShift, from, to, length, c, cOff, cRow, accumulate);
        case 2 -> tile4x2(o, aShift, bShift, from, to, length, c, cOff, cRow, accumulate);
        default -> tile8x1(o, aShift, bShift, from, to, length, c, cOff, cRow, accumulate);
      }
    }
  }

  private static FloatVector load(MemorySegment segment, long offset) {
    return FloatVector.fromMemorySegment(F32, segment, offset, ORDER);
  }

  private static void store(FloatVector value, MemorySegment c, long offset, boolean accumulate) {
    (accumulate ? load(c, offset).add(value) : value).intoMemorySegment(c, offset, ORDER);
  }

  private static void tile8x3(
      Operands o,
      long aShift,
      long bShift,
      int from,
      int to,
      int length,
      MemorySegment c,
      long cOff,
      long cRow,
      boolean accumulate) {
    MemorySegment a = o.a;
    MemorySegment b = o.b;
    long aRow = o.aRow;
    long aStep = o.aStep;
    long bStep = o.bStep;
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
      long ap = o.aOff[t] + aShift;
      long bp = o.bOff[t] + bShift;
      for (long end = ap + length * aStep; ap != end; ap += aStep, bp += bStep) {
        FloatVector b0 = load(b, bp);
        FloatVector b1 = load(b, bp + BYTES);
        FloatVector b2 = load(b, bp + 2 * BYTES);
        FloatVector a0 = FloatVector.broadcast(F32, a.get(FLOAT, ap));
        c0_0 = a0.fma(b0, c0_0);
        c0_1 = a0.fma(b1, c0_1);
        c0_2 = a0.fma(b2, c0_2);
        FloatVector a1 = FloatVector.broadcast(F32, a.get(FLOAT, ap + aRow));
        c1_0 = a1.fma(b0, c1_0);
        c1_1 = a1.fma(b1, c1_1);
        c1_2 = a1.fma(b2, c1_2);
        FloatVector a2 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 2 * aRow));
        c2_0 = a2.fma(b0, c2_0);
        c2_1 = a2.fma(b1, c2_1);
        c2_2 = a2.fma(b2, c2_2);
        FloatVector a3 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 3 * aRow));
        c3_0 = a3.fma(b0, c3_0);
        c3_1 = a3.fma(b1, c3_1);
        c3_2 = a3.fma(b2, c3_2);
        FloatVector a4 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 4 * aRow));
        c4_0 = a4.fma(b0, c4_0);
        c4_1 = a4.fma(b1, c4_1);
        c4_2 = a4.fma(b2, c4_2);
        FloatVector a5 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 5 * aRow));
        c5_0 = a5.fma(b0, c5_0);
        c5_1 = a5.fma(b1, c5_1);
        c5_2 = a5.fma(b2, c5_2);
        FloatVector a6 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 6 * aRow));
        c6_0 = a6.fma(b0, c6_0);
        c6_1 = a6.fma(b1, c6_1);
        c6_2 = a6.fma(b2, c6_2);
        FloatVector a7 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 7 * aRow));
        c7_0 = a7.fma(b0, c7_0);
        c7_1 = a7.fma(b1, c7_1);
        c7_2 = a7.fma(b2, c7_2);
      }
    }
    store(c0_0, c, cOff, accumulate);
    store(c0_1, c, cOff + BYTES, accumulate);
    store(c0_2, c, cOff + 2 * BYTES, accumulate);
    store(c1_0, c, cOff + cRow, accumulate);
    store(c1_1, c, cOff + cRow + BYTES, accumulate);
    store(c1_2, c, cOff + cRow + 2 * BYTES, accumulate);
    store(c2_0, c, cOff + 2 * cRow, accumulate);
    store(c2_1, c, cOff + 2 * cRow + BYTES, accumulate);
    store(c2_2, c, cOff + 2 * cRow + 2 * BYTES, accumulate);
    store(c3_0, c, cOff + 3 * cRow, accumulate);
    store(c3_1, c, cOff + 3 * cRow + BYTES, accumulate);
    store(c3_2, c, cOff + 3 * cRow + 2 * BYTES, accumulate);
    store(c4_0, c, cOff + 4 * cRow, accumulate);
    store(c4_1, c, cOff + 4 * cRow + BYTES, accumulate);
    store(c4_2, c, cOff + 4 * cRow + 2 * BYTES, accumulate);
    store(c5_0, c, cOff + 5 * cRow, accumulate);
    store(c5_1, c, cOff + 5 * cRow + BYTES, accumulate);
    store(c5_2, c, cOff + 5 * cRow + 2 * BYTES, accumulate);
    store(c6_0, c, cOff + 6 * cRow, accumulate);
    store(c6_1, c, cOff + 6 * cRow + BYTES, accumulate);
    store(c6_2, c, cOff + 6 * cRow + 2 * BYTES, accumulate);
    store(c7_0, c, cOff + 7 * cRow, accumulate);
    store(c7_1, c, cOff + 7 * cRow + BYTES, accumulate);
    store(c7_2, c, cOff + 7 * cRow + 2 * BYTES, accumulate);
  }

  private static void tile8x2(
      Operands o,
      long aShift,
      long bShift,
      int from,
      int to,
      int length,
      MemorySegment c,
      long cOff,
      long cRow,
      boolean accumulate) {
    MemorySegment a = o.a;
    MemorySegment b = o.b;
    long aRow = o.aRow;
    long aStep = o.aStep;
    long bStep = o.bStep;
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
      long ap = o.aOff[t] + aShift;
      long bp = o.bOff[t] + bShift;
      for (long end = ap + length * aStep; ap != end; ap += aStep, bp += bStep) {
        FloatVector b0 = load(b, bp);
        FloatVector b1 = load(b, bp + BYTES);
        FloatVector a0 = FloatVector.broadcast(F32, a.get(FLOAT, ap));
        c0_0 = a0.fma(b0, c0_0);
        c0_1 = a0.fma(b1, c0_1);
        FloatVector a1 = FloatVector.broadcast(F32, a.get(FLOAT, ap + aRow));
        c1_0 = a1.fma(b0, c1_0);
        c1_1 = a1.fma(b1, c1_1);
        FloatVector a2 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 2 * aRow));
        c2_0 = a2.fma(b0, c2_0);
        c2_1 = a2.fma(b1, c2_1);
        FloatVector a3 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 3 * aRow));
        c3_0 = a3.fma(b0, c3_0);
        c3_1 = a3.fma(b1, c3_1);
        FloatVector a4 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 4 * aRow));
        c4_0 = a4.fma(b0, c4_0);
        c4_1 = a4.fma(b1, c4_1);
        FloatVector a5 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 5 * aRow));
        c5_0 = a5.fma(b0, c5_0);
        c5_1 = a5.fma(b1, c5_1);
        FloatVector a6 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 6 * aRow));
        c6_0 = a6.fma(b0, c6_0);
        c6_1 = a6.fma(b1, c6_1);
        FloatVector a7 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 7 * aRow));
        c7_0 = a7.fma(b0, c7_0);
        c7_1 = a7.fma(b1, c7_1);
      }
    }
    store(c0_0, c, cOff, accumulate);
    store(c0_1, c, cOff + BYTES, accumulate);
    store(c1_0, c, cOff + cRow, accumulate);
    store(c1_1, c, cOff + cRow + BYTES, accumulate);
    store(c2_0, c, cOff + 2 * cRow, accumulate);
    store(c2_1, c, cOff + 2 * cRow + BYTES, accumulate);
    store(c3_0, c, cOff + 3 * cRow, accumulate);
    store(c3_1, c, cOff + 3 * cRow + BYTES, accumulate);
    store(c4_0, c, cOff + 4 * cRow, accumulate);
    store(c4_1, c, cOff + 4 * cRow + BYTES, accumulate);
    store(c5_0, c, cOff + 5 * cRow, accumulate);
    store(c5_1, c, cOff + 5 * cRow + BYTES, accumulate);
    store(c6_0, c, cOff + 6 * cRow, accumulate);
    store(c6_1, c, cOff + 6 * cRow + BYTES, accumulate);
    store(c7_0, c, cOff + 7 * cRow, accumulate);
    store(c7_1, c, cOff + 7 * cRow + BYTES, accumulate);
  }

  private static void tile16x1(
      Operands o,
      long aShift,
      long bShift,
      int from,
      int to,
      int length,
      MemorySegment c,
      long cOff,
      long cRow,
      boolean accumulate) {
    MemorySegment a = o.a;
    MemorySegment b = o.b;
    long aRow = o.aRow;
    long aStep = o.aStep;
    long bStep = o.bStep;
    FloatVector c0_0 = FloatVector.zero(F32);
    FloatVector c1_0 = FloatVector.zero(F32);
    FloatVector c2_0 = FloatVector.zero(F32);
    FloatVector c3_0 = FloatVector.zero(F32);
    FloatVector c4_0 = FloatVector.zero(F32);
    FloatVector c5_0 = FloatVector.zero(F32);
    FloatVector c6_0 = FloatVector.zero(F32);
    FloatVector c7_0 = FloatVector.zero(F32);
    FloatVector c8_0 = FloatVector.zero(F32);
    FloatVector c9_0 = FloatVector.zero(F32);
    FloatVector c10_0 = FloatVector.zero(F32);
    FloatVector c11_0 = FloatVector.zero(F32);
    FloatVector c12_0 = FloatVector.zero(F32);
    FloatVector c13_0 = FloatVector.zero(F32);
    FloatVector c14_0 = FloatVector.zero(F32);
    FloatVector c15_0 = FloatVector.zero(F32);
    for (int t = from; t < to; t++) {
      long ap = o.aOff[t] + aShift;
      long bp = o.bOff[t] + bShift;
      for (long end = ap + length * aStep; ap != end; ap += aStep, bp += bStep) {
        FloatVector b0 = load(b, bp);
        FloatVector a0 = FloatVector.broadcast(F32, a.get(FLOAT, ap));
        c0_0 = a0.fma(b0, c0_0);
        FloatVector a1 = FloatVector.broadcast(F32, a.get(FLOAT, ap + aRow));
        c1_0 = a1.fma(b0, c1_0);
        FloatVector a2 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 2 * aRow));
        c2_0 = a2.fma(b0, c2_0);
        FloatVector a3 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 3 * aRow));
        c3_0 = a3.fma(b0, c3_0);
        FloatVector a4 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 4 * aRow));
        c4_0 = a4.fma(b0, c4_0);
        FloatVector a5 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 5 * aRow));
        c5_0 = a5.fma(b0, c5_0);
        FloatVector a6 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 6 * aRow));
        c6_0 = a6.fma(b0, c6_0);
        FloatVector a7 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 7 * aRow));
        c7_0 = a7.fma(b0, c7_0);
        FloatVector a8 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 8 * aRow));
        c8_0 = a8.fma(b0, c8_0);
        FloatVector a9 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 9 * aRow));
        c9_0 = a9.fma(b0, c9_0);
        FloatVector a10 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 10 * aRow));
        c10_0 = a10.fma(b0, c10_0);
        FloatVector a11 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 11 * aRow));
        c11_0 = a11.fma(b0, c11_0);
        FloatVector a12 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 12 * aRow));
        c12_0 = a12.fma(b0, c12_0);
        FloatVector a13 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 13 * aRow));
        c13_0 = a13.fma(b0, c13_0);
        FloatVector a14 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 14 * aRow));
        c14_0 = a14.fma(b0, c14_0);
        FloatVector a15 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 15 * aRow));
        c15_0 = a15.fma(b0, c15_0);
      }
    }
    store(c0_0, c, cOff, accumulate);
    store(c1_0, c, cOff + cRow, accumulate);
    store(c2_0, c, cOff + 2 * cRow, accumulate);
    store(c3_0, c, cOff + 3 * cRow, accumulate);
    store(c4_0, c, cOff + 4 * cRow, accumulate);
    store(c5_0, c, cOff + 5 * cRow, accumulate);
    store(c6_0, c, cOff + 6 * cRow, accumulate);
    store(c7_0, c, cOff + 7 * cRow, accumulate);
    store(c8_0, c, cOff + 8 * cRow, accumulate);
    store(c9_0, c, cOff + 9 * cRow, accumulate);
    store(c10_0, c, cOff + 10 * cRow, accumulate);
    store(c11_0, c, cOff + 11 * cRow, accumulate);
    store(c12_0, c, cOff + 12 * cRow, accumulate);
    store(c13_0, c, cOff + 13 * cRow, accumulate);
    store(c14_0, c, cOff + 14 * cRow, accumulate);
    store(c15_0, c, cOff + 15 * cRow, accumulate);
  }

  private static void tile4x3(
      Operands o,
      long aShift,
      long bShift,
      int from,
      int to,
      int length,
      MemorySegment c,
      long cOff,
      long cRow,
      boolean accumulate) {
    MemorySegment a = o.a;
    MemorySegment b = o.b;
    long aRow = o.aRow;
    long aStep = o.aStep;
    long bStep = o.bStep;
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
      long ap = o.aOff[t] + aShift;
      long bp = o.bOff[t] + bShift;
      for (long end = ap + length * aStep; ap != end; ap += aStep, bp += bStep) {
        FloatVector b0 = load(b, bp);
        FloatVector b1 = load(b, bp + BYTES);
        FloatVector b2 = load(b, bp + 2 * BYTES);
        FloatVector a0 = FloatVector.broadcast(F32, a.get(FLOAT, ap));
        c0_0 = a0.fma(b0, c0_0);
        c0_1 = a0.fma(b1, c0_1);
        c0_2 = a0.fma(b2, c0_2);
        FloatVector a1 = FloatVector.broadcast(F32, a.get(FLOAT, ap + aRow));
        c1_0 = a1.fma(b0, c1_0);
        c1_1 = a1.fma(b1, c1_1);
        c1_2 = a1.fma(b2, c1_2);
        FloatVector a2 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 2 * aRow));
        c2_0 = a2.fma(b0, c2_0);
        c2_1 = a2.fma(b1, c2_1);
        c2_2 = a2.fma(b2, c2_2);
        FloatVector a3 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 3 * aRow));
        c3_0 = a3.fma(b0, c3_0);
        c3_1 = a3.fma(b1, c3_1);
        c3_2 = a3.fma(b2, c3_2);
      }
    }
    store(c0_0, c, cOff, accumulate);
    store(c0_1, c, cOff + BYTES, accumulate);
    store(c0_2, c, cOff + 2 * BYTES, accumulate);
    store(c1_0, c, cOff + cRow, accumulate);
    store(c1_1, c, cOff + cRow + BYTES, accumulate);
    store(c1_2, c, cOff + cRow + 2 * BYTES, accumulate);
    store(c2_0, c, cOff + 2 * cRow, accumulate);
    store(c2_1, c, cOff + 2 * cRow + BYTES, accumulate);
    store(c2_2, c, cOff + 2 * cRow + 2 * BYTES, accumulate);
    store(c3_0, c, cOff + 3 * cRow, accumulate);
    store(c3_1, c, cOff + 3 * cRow + BYTES, accumulate);
    store(c3_2, c, cOff + 3 * cRow + 2 * BYTES, accumulate);
  }

  private static void tile4x2(
      Operands o,
      long aShift,
      long bShift,
      int from,
      int to,
      int length,
      MemorySegment c,
      long cOff,
      long cRow,
      boolean accumulate) {
    MemorySegment a = o.a;
    MemorySegment b = o.b;
    long aRow = o.aRow;
    long aStep = o.aStep;
    long bStep = o.bStep;
    FloatVector c0_0 = FloatVector.zero(F32);
    FloatVector c0_1 = FloatVector.zero(F32);
    FloatVector c1_0 = FloatVector.zero(F32);
    FloatVector c1_1 = FloatVector.zero(F32);
    FloatVector c2_0 = FloatVector.zero(F32);
    FloatVector c2_1 = FloatVector.zero(F32);
    FloatVector c3_0 = FloatVector.zero(F32);
    FloatVector c3_1 = FloatVector.zero(F32);
    for (int t = from; t < to; t++) {
      long ap = o.aOff[t] + aShift;
      long bp = o.bOff[t] + bShift;
      for (long end = ap + length * aStep; ap != end; ap += aStep, bp += bStep) {
        FloatVector b0 = load(b, bp);
        FloatVector b1 = load(b, bp + BYTES);
        FloatVector a0 = FloatVector.broadcast(F32, a.get(FLOAT, ap));
        c0_0 = a0.fma(b0, c0_0);
        c0_1 = a0.fma(b1, c0_1);
        FloatVector a1 = FloatVector.broadcast(F32, a.get(FLOAT, ap + aRow));
        c1_0 = a1.fma(b0, c1_0);
        c1_1 = a1.fma(b1, c1_1);
        FloatVector a2 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 2 * aRow));
        c2_0 = a2.fma(b0, c2_0);
        c2_1 = a2.fma(b1, c2_1);
        FloatVector a3 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 3 * aRow));
        c3_0 = a3.fma(b0, c3_0);
        c3_1 = a3.fma(b1, c3_1);
      }
    }
    store(c0_0, c, cOff, accumulate);
    store(c0_1, c, cOff + BYTES, accumulate);
    store(c1_0, c, cOff + cRow, accumulate);
    store(c1_1, c, cOff + cRow + BYTES, accumulate);
    store(c2_0, c, cOff + 2 * cRow, accumulate);
    store(c2_1, c, cOff + 2 * cRow + BYTES, accumulate);
    store(c3_0, c, cOff + 3 * cRow, accumulate);
    store(c3_1, c, cOff + 3 * cRow + BYTES, accumulate);
  }

  private static void tile8x1(
      Operands o,
      long aShift,
      long bShift,
      int from,
      int to,
      int length,
      MemorySegment c,
      long cOff,
      long cRow,
      boolean accumulate) {
    MemorySegment a = o.a;
    MemorySegment b = o.b;
    long aRow = o.aRow;
    long aStep = o.aStep;
    long bStep = o.bStep;
    FloatVector c0_0 = FloatVector.zero(F32);
    FloatVector c1_0 = FloatVector.zero(F32);
    FloatVector c2_0 = FloatVector.zero(F32);
    FloatVector c3_0 = FloatVector.zero(F32);
    FloatVector c4_0 = FloatVector.zero(F32);
    FloatVector c5_0 = FloatVector.zero(F32);
    FloatVector c6_0 = FloatVector.zero(F32);
    FloatVector c7_0 = FloatVector.zero(F32);
    for (int t = from; t < to; t++) {
      long ap = o.aOff[t] + aShift;
      long bp = o.bOff[t] + bShift;
      for (long end = ap + length * aStep; ap != end; ap += aStep, bp += bStep) {
        FloatVector b0 = load(b, bp);
        FloatVector a0 = FloatVector.broadcast(F32, a.get(FLOAT, ap));
        c0_0 = a0.fma(b0, c0_0);
        FloatVector a1 = FloatVector.broadcast(F32, a.get(FLOAT, ap + aRow));
        c1_0 = a1.fma(b0, c1_0);
        FloatVector a2 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 2 * aRow));
        c2_0 = a2.fma(b0, c2_0);
        FloatVector a3 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 3 * aRow));
        c3_0 = a3.fma(b0, c3_0);
        FloatVector a4 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 4 * aRow));
        c4_0 = a4.fma(b0, c4_0);
        FloatVector a5 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 5 * aRow));
        c5_0 = a5.fma(b0, c5_0);
        FloatVector a6 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 6 * aRow));
        c6_0 = a6.fma(b0, c6_0);
        FloatVector a7 = FloatVector.broadcast(F32, a.get(FLOAT, ap + 7 * aRow));
        c7_0 = a7.fma(b0, c7_0);
      }
    }
    store(c0_0, c, cOff, accumulate);
    store(c1_0, c, cOff + cRow, accumulate);
    store(c2_0, c, cOff + 2 * cRow, accumulate);
    store(c3_0, c, cOff + 3 * cRow, accumulate);
    store(c4_0, c, cOff + 4 * cRow, accumulate);
    store(c5_0, c, cOff + 5 * cRow, accumulate);
    store(c6_0, c, cOff + 6 * cRow, accumulate);
    store(c7_0, c, cOff + 7 * cRow, accumulate);
  }
}
