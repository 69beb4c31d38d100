package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.BYTES;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.I32;
import static ibrik.kernels.cpu.Lanes.INT;
import static ibrik.kernels.cpu.Lanes.ORDER;
import static ibrik.kernels.cpu.Tile.ADDRESS;
import static ibrik.kernels.cpu.Tile.ALL;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Register tiles whose rows are neighbours in memory, while the steps of both operands lie any
/// distance apart: sums of outer products, under the gradient of a convolution's weights.
///
/// ```
/// C[i, v] = sum over runs t, steps k of
///     A[aOff[t] + k*aStep + 4*i] * B[bOff[t] + k*bStep + v]
/// ```
///
/// for rows i and columns v, all offsets in bytes. A run is one row of output pixels, or all of a
/// chunk where both operands were copied pixel by pixel.
///
/// What all tiles have in common is said in [Tile].
final class OuterTiles {
  private OuterTiles() {}

  /// The operands of a tile.
  ///
  /// @param a element-wise operand
  /// @param aOff start of each run in a
  /// @param aStep bytes between steps of a run
  /// @param b vector-wise operand
  /// @param bOff start of each run in b
  /// @param bStep bytes between steps of a run
  record Operands(
      MemorySegment a, long[] aOff, long aStep, MemorySegment b, long[] bOff, long bStep)
      implements Tile {
    @Override
    public void run(
        int vectors,
        int row,
        Tile.Place at,
        long aShift,
        long bShift,
        int from,
        int to,
        int length) {
      try {
        if (vectors == 1) {
          tile8x1(this, row, at, aShift, bShift, from, to, length);
        } else if (Tile.WIDE) {
          tile8x2(this, row, at, aShift, bShift, from, to, length);
        } else {
          tile4x2(this, row, at, aShift, bShift, from, to, length);
        }
      } finally {
        // Addresses do not keep alive what lies there.
        Reference.reachabilityFence(this);
        Reference.reachabilityFence(at);
      }
    }

    @Override
    public boolean inside(
        int vectors, int row, long aShift, long bShift, int from, int to, int length) {
      boolean in = true;
      for (int t = from; t < to; t++) {
        long first = aShift + aOff[t] + row * 4L;
        long last = first + (length - 1) * aStep + Tile.rows(vectors) * 4L;
        in &= first >= 0 && last <= a.byteSize();
        long start = bShift + bOff[t];
        in &= start >= 0 && start + (length - 1) * bStep + vectors * BYTES <= b.byteSize();
      }
      return in;
    }
  }

  private static void tile8x2(
      Operands o, int row, Tile.Place at, long aShift, long bShift, int from, int to, int length) {
    long a = o.a.address() + aShift + row * 4L;
    long b = o.b.address() + bShift;
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
      long ap = a + o.aOff[t];
      long bp = b + o.bOff[t];
      for (int k = 0; k < length; k++, ap += aStep, bp += bStep) {
        long ak = ap & ADDRESS;
        long bk = bp & ADDRESS;
        FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, bk, ORDER);
        FloatVector b1 = FloatVector.fromMemorySegment(F32, ALL, bk + BYTES, ORDER);
        FloatVector s0 = IntVector.broadcast(I32, ALL.get(INT, ak)).reinterpretAsFloats();
        c0_0 = s0.fma(b0, c0_0);
        c0_1 = s0.fma(b1, c0_1);
        FloatVector s1 = IntVector.broadcast(I32, ALL.get(INT, ak + 4)).reinterpretAsFloats();
        c1_0 = s1.fma(b0, c1_0);
        c1_1 = s1.fma(b1, c1_1);
        FloatVector s2 = IntVector.broadcast(I32, ALL.get(INT, ak + 8)).reinterpretAsFloats();
        c2_0 = s2.fma(b0, c2_0);
        c2_1 = s2.fma(b1, c2_1);
        FloatVector s3 = IntVector.broadcast(I32, ALL.get(INT, ak + 12)).reinterpretAsFloats();
        c3_0 = s3.fma(b0, c3_0);
        c3_1 = s3.fma(b1, c3_1);
        FloatVector s4 = IntVector.broadcast(I32, ALL.get(INT, ak + 16)).reinterpretAsFloats();
        c4_0 = s4.fma(b0, c4_0);
        c4_1 = s4.fma(b1, c4_1);
        FloatVector s5 = IntVector.broadcast(I32, ALL.get(INT, ak + 20)).reinterpretAsFloats();
        c5_0 = s5.fma(b0, c5_0);
        c5_1 = s5.fma(b1, c5_1);
        FloatVector s6 = IntVector.broadcast(I32, ALL.get(INT, ak + 24)).reinterpretAsFloats();
        c6_0 = s6.fma(b0, c6_0);
        c6_1 = s6.fma(b1, c6_1);
        FloatVector s7 = IntVector.broadcast(I32, ALL.get(INT, ak + 28)).reinterpretAsFloats();
        c7_0 = s7.fma(b0, c7_0);
        c7_1 = s7.fma(b1, c7_1);
      }
    }
    long c = at.c().address() + at.shift();
    long[] cRow = at.cRow();
    int first = at.first();
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
      Operands o, int row, Tile.Place at, long aShift, long bShift, int from, int to, int length) {
    long a = o.a.address() + aShift + row * 4L;
    long b = o.b.address() + bShift;
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
      long ap = a + o.aOff[t];
      long bp = b + o.bOff[t];
      for (int k = 0; k < length; k++, ap += aStep, bp += bStep) {
        long ak = ap & ADDRESS;
        long bk = bp & ADDRESS;
        FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, bk, ORDER);
        FloatVector s0 = IntVector.broadcast(I32, ALL.get(INT, ak)).reinterpretAsFloats();
        c0_0 = s0.fma(b0, c0_0);
        FloatVector s1 = IntVector.broadcast(I32, ALL.get(INT, ak + 4)).reinterpretAsFloats();
        c1_0 = s1.fma(b0, c1_0);
        FloatVector s2 = IntVector.broadcast(I32, ALL.get(INT, ak + 8)).reinterpretAsFloats();
        c2_0 = s2.fma(b0, c2_0);
        FloatVector s3 = IntVector.broadcast(I32, ALL.get(INT, ak + 12)).reinterpretAsFloats();
        c3_0 = s3.fma(b0, c3_0);
        FloatVector s4 = IntVector.broadcast(I32, ALL.get(INT, ak + 16)).reinterpretAsFloats();
        c4_0 = s4.fma(b0, c4_0);
        FloatVector s5 = IntVector.broadcast(I32, ALL.get(INT, ak + 20)).reinterpretAsFloats();
        c5_0 = s5.fma(b0, c5_0);
        FloatVector s6 = IntVector.broadcast(I32, ALL.get(INT, ak + 24)).reinterpretAsFloats();
        c6_0 = s6.fma(b0, c6_0);
        FloatVector s7 = IntVector.broadcast(I32, ALL.get(INT, ak + 28)).reinterpretAsFloats();
        c7_0 = s7.fma(b0, c7_0);
      }
    }
    long c = at.c().address() + at.shift();
    long[] cRow = at.cRow();
    int first = at.first();
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

  private static void tile4x2(
      Operands o, int row, Tile.Place at, long aShift, long bShift, int from, int to, int length) {
    long a = o.a.address() + aShift + row * 4L;
    long b = o.b.address() + bShift;
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
      long ap = a + o.aOff[t];
      long bp = b + o.bOff[t];
      for (int k = 0; k < length; k++, ap += aStep, bp += bStep) {
        long ak = ap & ADDRESS;
        long bk = bp & ADDRESS;
        FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, bk, ORDER);
        FloatVector b1 = FloatVector.fromMemorySegment(F32, ALL, bk + BYTES, ORDER);
        FloatVector s0 = IntVector.broadcast(I32, ALL.get(INT, ak)).reinterpretAsFloats();
        c0_0 = s0.fma(b0, c0_0);
        c0_1 = s0.fma(b1, c0_1);
        FloatVector s1 = IntVector.broadcast(I32, ALL.get(INT, ak + 4)).reinterpretAsFloats();
        c1_0 = s1.fma(b0, c1_0);
        c1_1 = s1.fma(b1, c1_1);
        FloatVector s2 = IntVector.broadcast(I32, ALL.get(INT, ak + 8)).reinterpretAsFloats();
        c2_0 = s2.fma(b0, c2_0);
        c2_1 = s2.fma(b1, c2_1);
        FloatVector s3 = IntVector.broadcast(I32, ALL.get(INT, ak + 12)).reinterpretAsFloats();
        c3_0 = s3.fma(b0, c3_0);
        c3_1 = s3.fma(b1, c3_1);
      }
    }
    long c = at.c().address() + at.shift();
    long[] cRow = at.cRow();
    int first = at.first();
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
