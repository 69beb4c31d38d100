package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;

/// Transposing copies in square blocks, so that both sides stay in the first-level cache.
final class Transposes {
  private static final int BLOCK = 16;

  private Transposes() {}

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
    for (int i0 = 0; i0 < rows; i0 += BLOCK) {
      int iEnd = Math.min(i0 + BLOCK, rows);
      for (int j0 = 0; j0 < columns; j0 += BLOCK) {
        int jEnd = Math.min(j0 + BLOCK, columns);
        for (int j = j0; j < jEnd; j++) {
          long target = toOffset + (j * toPitch) * 4;
          long source = fromOffset + j * 4L;
          for (int i = i0; i < iEnd; i++) {
            to.set(Lanes.FLOAT, target + i * 4L, from.get(Lanes.FLOAT, source + i * fromPitch * 4));
          }
        }
      }
    }
  }
}
