package ibrik.tensor.random;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhiloxTest {
  private static long words(String text) {
    String[] lowFirst = text.split(" ");
    return HexFormat.fromHexDigitsToLong(lowFirst[1] + lowFirst[0]);
  }

  /// The known answers for philox4x32-10 of Random123 (Salmon et al.), words in order.
  @ParameterizedTest
  @CsvSource({
    "00000000 00000000, 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "ffffffff ffffffff, ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
    "243f6a88 85a308d3, 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1"
  })
  void givesTheKnownAnswers(String counterLow, String counterHigh, String key, String answer) {
    int[] out = new int[4];
    Philox.block(words(key), words(counterLow), words(counterHigh), out);
    assertEquals(
        answer,
        IntStream.of(out).mapToObj(w -> String.format("%08x", w)).collect(Collectors.joining(" ")));
  }

  @Test
  void unitNumbersReachFromZeroToJustBelowOne() {
    assertEquals(0f, Philox.toUnitFloat(0));
    assertEquals(0f, Philox.toUnitFloat(0xFF), "the low 8 bits are dropped");
    assertEquals(Math.nextDown(1f), Philox.toUnitFloat(-1));
    assertEquals(0.5f, Philox.toUnitFloat(1 << 31));
    assertEquals(0.0, Philox.toUnitDouble(0, 0));
    assertEquals(Math.nextDown(1.0), Philox.toUnitDouble(-1, -1));
    assertEquals(0.5, Philox.toUnitDouble(1 << 31, 0));
  }
}
