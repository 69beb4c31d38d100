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

/// Register tiles whose rows lie anywhere, under matrix products and convolutions:
///
/// ```
/// C[i, v] = sum over runs t, steps k of
///     A[aRow[i] + aOff[t] + 4*k] * B[bOff[t] + k*width + v]
/// ```
///
/// for rows i and columns v of a panel of `width` bytes, all offsets in bytes. A convolution reads
/// the padded image itself, where the pixels of a tile may come from several rows or images, and no
/// patch matrix is made. A run is then one row of the kernel, `S*C` consecutive floats.
///
/// What all tiles have in common is said in [Tile].
final class Tiles {
  /// Steps of a run, at most: so few that a distance within it fits an instruction.
  static final int STEPS = 1 << 20;

  private Tiles() {}

  /// The operands of a tile.
  ///
  /// @param a element-wise operand
  /// @param aRow offset of each row in a
  /// @param aOff start of each run in a
  /// @param b vector-wise operand, a panel
  /// @param bOff start of each run in b
  record Operands(MemorySegment a, long[] aRow, long[] aOff, MemorySegment b, long[] bOff)
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
      if (length > STEPS) {
        throw new IllegalArgumentException(
            "a run has %d steps, at most; got %d".formatted(STEPS, length));
      }
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
        for (int r = row; r < row + Tile.rows(vectors); r++) {
          long first = aShift + aOff[t] + aRow[r];
          in &= first >= 0 && first + length * 4L <= a.byteSize();
        }
        long first = bShift + bOff[t];
        in &= first >= 0 && first + (long) length * vectors * BYTES <= b.byteSize();
      }
      return in;
    }
  }

  private static void tile8x2(
      Operands o, int row, Tile.Place at, long aShift, long bShift, int from, int to, int length) {
    long a = o.a.address() + aShift;
    long b = o.b.address() + bShift;
    long[] aRow = o.aRow;
    int steps = Math.min(length, STEPS);
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
      long a0 = (ap + aRow[row]) & ADDRESS;
      long a1 = (ap + aRow[row + 1]) & ADDRESS;
      long a2 = (ap + aRow[row + 2]) & ADDRESS;
      long a3 = (ap + aRow[row + 3]) & ADDRESS;
      long a4 = (ap + aRow[row + 4]) & ADDRESS;
      long a5 = (ap + aRow[row + 5]) & ADDRESS;
      long a6 = (ap + aRow[row + 6]) & ADDRESS;
      long a7 = (ap + aRow[row + 7]) & ADDRESS;
      long bp = (b + o.bOff[t]) & ADDRESS;
      for (int k = 0; k < steps; k++) {
        long ak = k * 4L;
        long bk = bp + (long) k * 2 * BYTES;
        FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, bk, ORDER);
        FloatVector b1 = FloatVector.fromMemorySegment(F32, ALL, bk + BYTES, ORDER);
        FloatVector s0 = IntVector.broadcast(I32, ALL.get(INT, a0 + ak)).reinterpretAsFloats();
        c0_0 = s0.fma(b0, c0_0);
        c0_1 = s0.fma(b1, c0_1);
        FloatVector s1 = IntVector.broadcast(I32, ALL.get(INT, a1 + ak)).reinterpretAsFloats();
        c1_0 = s1.fma(b0, c1_0);
        c1_1 = s1.fma(b1, c1_1);
        FloatVector s2 = IntVector.broadcast(I32, ALL.get(INT, a2 + ak)).reinterpretAsFloats();
        c2_0 = s2.fma(b0, c2_0);
        c2_1 = s2.fma(b1, c2_1);
        FloatVector s3 = IntVector.broadcast(I32, ALL.get(INT, a3 + ak)).reinterpretAsFloats();
        c3_0 = s3.fma(b0, c3_0);
        c3_1 = s3.fma(b1, c3_1);
        FloatVector s4 = IntVector.broadcast(I32, ALL.get(INT, a4 + ak)).reinterpretAsFloats();
        c4_0 = s4.fma(b0, c4_0);
        c4_1 = s4.fma(b1, c4_1);
        FloatVector s5 = IntVector.broadcast(I32, ALL.get(INT, a5 + ak)).reinterpretAsFloats();
        c5_0 = s5.fma(b0, c5_0);
        c5_1 = s5.fma(b1, c5_1);
        FloatVector s6 = IntVector.broadcast(I32, ALL.get(INT, a6 + ak)).reinterpretAsFloats();
        c6_0 = s6.fma(b0, c6_0);
        c6_1 = s6.fma(b1, c6_1);
        FloatVector s7 = IntVector.broadcast(I32, ALL.get(INT, a7 + ak)).reinterpretAsFloats();
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
    long a = o.a.address() + aShift;
    long b = o.b.address() + bShift;
    long[] aRow = o.aRow;
    int steps = Math.min(length, STEPS);
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
      long a0 = (ap + aRow[row]) & ADDRESS;
      long a1 = (ap + aRow[row + 1]) & ADDRESS;
      long a2 = (ap + aRow[row + 2]) & ADDRESS;
      long a3 = (ap + aRow[row + 3]) & ADDRESS;
      long a4 = (ap + aRow[row + 4]) & ADDRESS;
      long a5 = (ap + aRow[row + 5]) & ADDRESS;
      long a6 = (ap + aRow[row + 6]) & ADDRESS;
      long a7 = (ap + aRow[row + 7]) & ADDRESS;
      long bp = (b + o.bOff[t]) & ADDRESS;
      for (int k = 0; k < steps; k++) {
        long ak = k * 4L;
        long bk = bp + k * BYTES;
        FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, bk, ORDER);
        FloatVector s0 = IntVector.broadcast(I32, ALL.get(INT, a0 + ak)).reinterpretAsFloats();
        c0_0 = s0.fma(b0, c0_0);
        FloatVector s1 = IntVector.broadcast(I32, ALL.get(INT, a1 + ak)).reinterpretAsFloats();
        c1_0 = s1.fma(b0, c1_0);
        FloatVector s2 = IntVector.broadcast(I32, ALL.get(INT, a2 + ak)).reinterpretAsFloats();
        c2_0 = s2.fma(b0, c2_0);
        FloatVector s3 = IntVector.broadcast(I32, ALL.get(INT, a3 + ak)).reinterpretAsFloats();
        c3_0 = s3.fma(b0, c3_0);
        FloatVector s4 = IntVector.broadcast(I32, ALL.get(INT, a4 + ak)).reinterpretAsFloats();
        c4_0 = s4.fma(b0, c4_0);
        FloatVector s5 = IntVector.broadcast(I32, ALL.get(INT, a5 + ak)).reinterpretAsFloats();
        c5_0 = s5.fma(b0, c5_0);
        FloatVector s6 = IntVector.broadcast(I32, ALL.get(INT, a6 + ak)).reinterpretAsFloats();
        c6_0 = s6.fma(b0, c6_0);
        FloatVector s7 = IntVector.broadcast(I32, ALL.get(INT, a7 + ak)).reinterpretAsFloats();
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
    long a = o.a.address() + aShift;
    long b = o.b.address() + bShift;
    long[] aRow = o.aRow;
    int steps = Math.min(length, STEPS);
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
      long a0 = (ap + aRow[row]) & ADDRESS;
      long a1 = (ap + aRow[row + 1]) & ADDRESS;
      long a2 = (ap + aRow[row + 2]) & ADDRESS;
      long a3 = (ap + aRow[row + 3]) & ADDRESS;
      long bp = (b + o.bOff[t]) & ADDRESS;
      for (int k = 0; k < steps; k++) {
        long ak = k * 4L;
        long bk = bp + (long) k * 2 * BYTES;
        FloatVector b0 = FloatVector.fromMemorySegment(F32, ALL, bk, ORDER);
        FloatVector b1 = FloatVector.fromMemorySegment(F32, ALL, bk + BYTES, ORDER);
        FloatVector s0 = IntVector.broadcast(I32, ALL.get(INT, a0 + ak)).reinterpretAsFloats();
        c0_0 = s0.fma(b0, c0_0);
        c0_1 = s0.fma(b1, c0_1);
        FloatVector s1 = IntVector.broadcast(I32, ALL.get(INT, a1 + ak)).reinterpretAsFloats();
        c1_0 = s1.fma(b0, c1_0);
        c1_1 = s1.fma(b1, c1_1);
        FloatVector s2 = IntVector.broadcast(I32, ALL.get(INT, a2 + ak)).reinterpretAsFloats();
        c2_0 = s2.fma(b0, c2_0);
        c2_1 = s2.fma(b1, c2_1);
        FloatVector s3 = IntVector.broadcast(I32, ALL.get(INT, a3 + ak)).reinterpretAsFloats();
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
