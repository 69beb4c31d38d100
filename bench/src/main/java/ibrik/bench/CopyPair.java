package ibrik.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Source and target of a copy, half a page apart in their pages: where they lay alike, processors
/// would take some loads for ones of numbers that are just being stored, and wait.
///
/// @param from as long as `to`
record CopyPair(MemorySegment from, MemorySegment to) {
  private static final long PAGE = 4096;

  /// Touches every page.
  ///
  /// @param traffic bytes read and written together; rounded up to whole vectors of any width
  static CopyPair of(Arena arena, long traffic) {
    long half = Math.ceilDiv(traffic / 2, 64) * 64;
    long pages = Math.ceilDiv(half, PAGE) * PAGE;
    MemorySegment all = arena.allocate(2 * pages + PAGE, PAGE).fill((byte) 1);
    return new CopyPair(all.asSlice(0, half), all.asSlice(pages + PAGE / 2, half));
  }
}
