package ibrik.tensor.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PhiloxStreamTest {
  private static int[] ints(PhiloxStream random, int count) {
    return IntStream.generate(random::nextInt).limit(count).toArray();
  }

  @Test
  void drawsTheWordsOfBlockAfterBlock() {
    int[] want = new int[8];
    int[] block = new int[4];
    for (int b = 0; b < 2; b++) {
      Philox.block(11, b, 3, block);
      System.arraycopy(block, 0, want, 4 * b, 4);
    }
    assertArrayEquals(want, ints(new PhiloxStream(11, 3), 8));
  }

  @Test
  void seedAndStreamNameTheNumbers() {
    assertArrayEquals(ints(new PhiloxStream(5, 6), 9), ints(new PhiloxStream(5, 6), 9));
    int[] one = ints(new PhiloxStream(5, 6), 9);
    assertTrue(!Arrays.equals(one, ints(new PhiloxStream(5, 7), 9)));
    assertTrue(!Arrays.equals(one, ints(new PhiloxStream(6, 6), 9)));
  }

  @Property(tries = 100)
  void boundedIntegersStayBelowTheBound(@ForAll long seed, @ForAll @IntRange(min = 1) int bound) {
    PhiloxStream random = new PhiloxStream(seed, 0);
    for (int i = 0; i < 20; i++) {
      int value = random.nextInt(bound);
      assertTrue(value >= 0 && value < bound);
    }
  }

  /// With a bound of 3 * 2^29 a plain product would favour every third value by half.
  @Test
  void boundedIntegersAreUnbiased() {
    int third = 1 << 29;
    PhiloxStream random = new PhiloxStream(1, 2);
    int[] counts = new int[3];
    int draws = 30_000;
    for (int i = 0; i < draws; i++) {
      counts[random.nextInt(3 * third) % 3]++;
    }
    double sigma = Math.sqrt(draws * (1 / 3.0) * (2 / 3.0));
    for (int count : counts) {
      assertEquals(draws / 3.0, count, 5 * sigma);
    }
    assertEquals(
        "[random] bound must be positive; got 0",
        assertThrows(IllegalArgumentException.class, () -> random.nextInt(0)).getMessage());
  }

  @Property(tries = 50)
  void permutationsNameEachIndexOnce(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 50) int n) {
    int[] order = new PhiloxStream(seed, 1).permutation(n);
    assertArrayEquals(IntStream.range(0, n).toArray(), IntStream.of(order).sorted().toArray());
  }

  @Test
  void allSixOrdersOfThreeAreEquallyLikely() {
    PhiloxStream random = new PhiloxStream(3, 4);
    int[] counts = new int[27];
    int draws = 12_000;
    for (int i = 0; i < draws; i++) {
      int[] p = random.permutation(3);
      counts[9 * p[0] + 3 * p[1] + p[2]]++;
    }
    double sigma = Math.sqrt(draws / 6.0 * 5 / 6);
    assertEquals(6, IntStream.of(counts).filter(c -> c > 0).count());
    IntStream.of(counts).filter(c -> c > 0).forEach(c -> assertEquals(draws / 6.0, c, 5 * sigma));
  }

  @Test
  void momentsAreRight() {
    PhiloxStream random = new PhiloxStream(7, 8);
    int draws = 40_000;
    double normal = 0;
    double squares = 0;
    double uniform = 0;
    int hits = 0;
    for (int i = 0; i < draws; i++) {
      double z = random.nextGaussian();
      normal += z / draws;
      squares += z * z / draws;
      float u = random.nextFloat(-1, 3);
      assertTrue(u >= -1 && u <= 3);
      uniform += u / draws;
      hits += random.nextBoolean(0.3) ? 1 : 0;
    }
    double root = Math.sqrt(draws);
    assertEquals(0, normal, 5 / root);
    assertEquals(1, squares, 5 * Math.sqrt(2) / root);
    assertEquals(1, uniform, 5 * 4 / Math.sqrt(12) / root);
    assertEquals(0.3, (double) hits / draws, 5 * Math.sqrt(0.21) / root);
  }
}
