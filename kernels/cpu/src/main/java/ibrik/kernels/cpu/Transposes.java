package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/// Transposing copies: blocks of 8x8 floats in registers, the edges one by one.
///
/// A block takes three rounds of two-vector permutations (neighbours, pairs, halves change places),
/// on ints, so that no bit pattern is touched. Machines of four lanes copy float by float.
final class Transposes {
  private static final int SIDE = 8;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_256;
  private static final IntVector EVEN = order(0, 8, 2, 10, 4, 12, 6, 14);
  private static final IntVector ODD = order(1, 9, 3, 11, 5, 13, 7, 15);
  private static final IntVector EVEN_PAIRS = order(0, 1, 8, 9, 4, 5, 12, 13);
  private static final IntVector ODD_PAIRS = order(2, 3, 10, 11, 6, 7, 14, 15);
  private static final IntVector LOW_HALVES = order(0, 1, 2, 3, 8, 9, 10, 11);
  private static final IntVector HIGH_HALVES = order(4, 5, 6, 7, 12, 13, 14, 15);

  private Transposes() {}

  private static IntVector order(int... lanes) {
    return IntVector.fromArray(INTS, lanes, 0);
  }

  /// Writes `to[j * toPitch + i] = from[i * fromPitch + j]` for `rows` values of i and `columns` of
  /// j. Offsets in bytes, pitches in floats.
  static void copy(
      MemorySegment from,
      long fromOffset,
      long fromPitch,
      int rows,
      int columns,
      MemorySegment to,
      long toOffset,
      long toPitch) {
    boolean wide = Lanes.COUNT >= SIDE;
    int lastRow = wide ? rows - rows % SIDE : 0;
    int lastColumn = wide ? columns - columns % SIDE : 0;
    for (int i = 0; i < lastRow; i += SIDE) {
      for (int j = 0; j < lastColumn; j += SIDE) {
        long source = fromOffset + (i * fromPitch + j) * 4;
        block(from, source, fromPitch * 4, to, toOffset + (j * toPitch + i) * 4, toPitch * 4);
      }
    }
    oneByOne(from, fromOffset, fromPitch, 0, lastRow, lastColumn, columns, to, toOffset, toPitch);
    oneByOne(from, fromOffset, fromPitch, lastRow, rows, 0, columns, to, toOffset, toPitch);
  }

  /// The same for rows `top ... bottom - 1` and columns `left ... right - 1`.
  private static void oneByOne(
      MemorySegment from,
      long fromOffset,
      long fromPitch,
      int top,
      int bottom,
      int left,
      int right,
      MemorySegment to,
      long toOffset,
      long toPitch) {
    for (int j = left; j < right; j++) {
      for (int i = top; i < bottom; i++) {
        float value = from.get(FLOAT, fromOffset + (i * fromPitch + j) * 4);
        to.set(FLOAT, toOffset + (j * toPitch + i) * 4, value);
      }
    }
  }

  /// One block; offsets and pitches in bytes. `top04` is what rows 0 to 3 have in columns 0 and 4.
  private static void block(
      MemorySegment from, long source, long pitch, MemorySegment to, long target, long step) {
    IntVector r0 = load(from, source);
    IntVector r1 = load(from, source + pitch);
    IntVector r2 = load(from, source + 2 * pitch);
    IntVector r3 = load(from, source + 3 * pitch);
    IntVector r4 = load(from, source + 4 * pitch);
    IntVector r5 = load(from, source + 5 * pitch);
    IntVector r6 = load(from, source + 6 * pitch);
    IntVector r7 = load(from, source + 7 * pitch);
    IntVector even01 = EVEN.selectFrom(r0, r1);
    IntVector odd01 = ODD.selectFrom(r0, r1);
    IntVector even23 = EVEN.selectFrom(r2, r3);
    IntVector odd23 = ODD.selectFrom(r2, r3);
    IntVector even45 = EVEN.selectFrom(r4, r5);
    IntVector odd45 = ODD.selectFrom(r4, r5);
    IntVector even67 = EVEN.selectFrom(r6, r7);
    IntVector odd67 = ODD.selectFrom(r6, r7);
    IntVector top04 = EVEN_PAIRS.selectFrom(even01, even23);
    IntVector top26 = ODD_PAIRS.selectFrom(even01, even23);
    IntVector top15 = EVEN_PAIRS.selectFrom(odd01, odd23);
    IntVector top37 = ODD_PAIRS.selectFrom(odd01, odd23);
    IntVector low04 = EVEN_PAIRS.selectFrom(even45, even67);
    IntVector low26 = ODD_PAIRS.selectFrom(even45, even67);
    IntVector low15 = EVEN_PAIRS.selectFrom(odd45, odd67);
    IntVector low37 = ODD_PAIRS.selectFrom(odd45, odd67);
    LOW_HALVES.selectFrom(top04, low04).intoMemorySegment(to, target, ORDER);
    LOW_HALVES.selectFrom(top15, low15).intoMemorySegment(to, target + step, ORDER);
    LOW_HALVES.selectFrom(top26, low26).intoMemorySegment(to, target + 2 * step, ORDER);
    LOW_HALVES.selectFrom(top37, low37).intoMemorySegment(to, target + 3 * step, ORDER);
    HIGH_HALVES.selectFrom(top04, low04).intoMemorySegment(to, target + 4 * step, ORDER);
    HIGH_HALVES.selectFrom(top15, low15).intoMemorySegment(to, target + 5 * step, ORDER);
    HIGH_HALVES.selectFrom(top26, low26).intoMemorySegment(to, target + 6 * step, ORDER);
    HIGH_HALVES.selectFrom(top37, low37).intoMemorySegment(to, target + 7 * step, ORDER);
  }

  private static IntVector load(MemorySegment x, long offset) {
    return IntVector.fromMemorySegment(INTS, x, offset, ORDER);
  }
}
