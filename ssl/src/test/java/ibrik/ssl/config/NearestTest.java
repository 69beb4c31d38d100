package ibrik.ssl.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
  private static final List<String> NAMES = List.of("fashion", "cells", "cifar10", "idx", "folder");

  @ParameterizedTest
  @CsvSource({
    "cifra10, cifar10",
    "cifar, cifar10",
    "CIFAR-10, cifar10",
    "fash, fashion",
    "fasion, fashion",
    "fahsion, fashion",
    "cell, cells",
    "fodler, folder",
    "iddx, idx",
    "' idx ', idx",
    "xdi, ",
    "mnist, ",
    "f, ",
    "'', ",
    "a very long name of nothing, "
  })
  void suggestsWhatIsClose(String typed, String nearest) {
    assertEquals(Optional.ofNullable(nearest), Nearest.to(typed, NAMES));
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', 0",
    "a, '', 1",
    "kitten, sitting, 3",
    "ab, ba, 1",
    "abcd, acbd, 1",
    "ca, abc, 3",
    "abc, abc, 0"
  })
  void distances(String a, String b, int expected) {
    assertEquals(expected, Nearest.distance(a, b));
    assertEquals(expected, Nearest.distance(b, a));
  }

  /// Nothing to suggest from, and ties: the first wins.
  @org.junit.jupiter.api.Test
  void edges() {
    assertEquals(Optional.empty(), Nearest.to("idx", List.of()));
    assertEquals(Optional.of("bat"), Nearest.to("aat", List.of("bat", "cat")));
    assertEquals(Optional.of("cat"), Nearest.to("aat", List.of("cat", "bat")));
  }

  @Property
  void distanceIsBoundedAndZeroOnlyForEquals(
      @ForAll @CharRange(from = 'a', to = 'c') @StringLength(max = 6) String a,
      @ForAll @CharRange(from = 'a', to = 'c') @StringLength(max = 6) String b) {
    int distance = Nearest.distance(a, b);
    assertEquals(a.equals(b), distance == 0);
    assertEquals(distance, Nearest.distance(b, a));
    org.junit.jupiter.api.Assertions.assertTrue(
        distance >= Math.abs(a.length() - b.length())
            && distance <= Math.max(a.length(), b.length()));
  }
}
