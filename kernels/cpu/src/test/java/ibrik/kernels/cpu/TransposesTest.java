package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.tensor.random.PhiloxStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransposesTest {
  private static final int SPARE = 3;

  /// Any bits, those of NaNs with payload among them, and nothing is written beside the target.
  @ParameterizedTest
  @CsvSource({
    "0, 5", "5, 0", "1, 1", "7, 9", "8, 8", "8, 16", "16, 8", "9, 7", "17, 31", "24, 25", "1, 40",
    "40, 1", "33, 64"
  })
  void everyElementChangesItsPlace(int rows, int columns) {
    PhiloxStream random = new PhiloxStream(3, rows * 100L + columns);
    int fromPitch = columns + SPARE;
    int toPitch = rows + SPARE;
    int guard = 0x7FC0_1234;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocate((long) rows * fromPitch * 4 + 4);
      MemorySegment to = arena.allocate((long) columns * toPitch * 4 + 4);
      for (long at = 0; at < from.byteSize(); at += 4) {
        from.set(Lanes.INT, at, random.nextInt(Integer.MAX_VALUE) * 2);
      }
      for (long at = 0; at < to.byteSize(); at += 4) {
        to.set(Lanes.INT, at, guard);
      }
      Transposes.copy(from, 4, fromPitch, rows, columns, to, 4, toPitch);
      for (int place = 0; place < columns * toPitch; place++) {
        int i = place % toPitch;
        int j = place / toPitch;
        int want = i < rows ? from.get(Lanes.INT, 4 + (i * (long) fromPitch + j) * 4) : guard;
        assertEquals(want, to.get(Lanes.INT, 4 + place * 4L), i + ", " + j);
      }
      assertEquals(guard, to.get(Lanes.INT, 0));
    }
  }
}
