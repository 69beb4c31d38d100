package ibrik.ssl.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AxisTest {
  private static List<String> labels(Axis axis) {
    return axis.ticks().stream().map(axis::label).toList();
  }

  @Test
  void roundNumbers() {
    assertEquals(List.of("0.0", "0.5", "1.0", "1.5", "2.0"), labels(Axis.round(0.37, 2.0, 5)));
    assertEquals(List.of("-20", "-10", "0", "10"), labels(Axis.round(-14, 7, 4)));
    assertEquals(List.of("0.990", "0.995", "1.000"), labels(Axis.round(.99, 1, 3)));
    assertEquals(List.of("0", "2.0e-5", "4.0e-5"), labels(Axis.round(0, 4e-5, 2)));
  }

  @Test
  void epochs() {
    assertEquals(List.of("5", "10", "15", "20", "25", "30"), labels(Axis.whole(1, 30, 8)));
    assertEquals(List.of("1", "2", "3"), labels(Axis.whole(1, 3, 8)));
    Axis one = Axis.whole(1, 1, 8);
    assertEquals(List.of("1"), labels(one));
    assertEquals(.5, one.at(1));
  }

  @Test
  void powersOfTen() {
    Axis axis = Axis.logarithmic(8e-4, 1);
    assertEquals(List.of("1e-4", "1e-3", "0.01", "0.1", "1"), labels(axis));
    assertEquals(.5, axis.at(.01), 1e-12);
    assertTrue(Axis.logarithmic(1e-30, 1).ticks().size() <= 7);
    assertEquals(List.of("1", "10", "100"), labels(new Axis(1, 200, 1, true)));
    assertEquals(List.of("1", "10"), labels(Axis.logarithmic(1, 1)));
  }

  /// The ends hold the data, ticks are few, inside and in order, and no two look alike.
  @Property
  void anyRange(
      @ForAll @DoubleRange(min = -1e7, max = 1e7) double a,
      @ForAll @DoubleRange(min = 1, max = 10) double mantissa,
      @ForAll @IntRange(min = -9, max = 6) int exponent,
      @ForAll @IntRange(min = 2, max = 8) int parts) {
    double size = mantissa * Math.pow(10, exponent);
    if (size < 1e-6 * Math.abs(a)) {
      return; // finer than labels of a float can tell
    }
    Axis axis = Axis.round(a, a + size, parts);
    assertTrue(axis.at(a) >= -1e-6 && axis.at(a + size) <= 1 + 1e-6);
    List<Double> ticks = axis.ticks();
    assertTrue(ticks.size() >= 2 && ticks.size() <= parts + 3, () -> "" + ticks);
    for (double tick : ticks) {
      assertTrue(axis.at(tick) >= -1e-6 && axis.at(tick) <= 1 + 1e-6);
    }
    if (Math.abs(a) < 1e5 && size < 1e5 && size > 1e-3) {
      assertEquals(ticks.size(), new HashSet<>(labels(axis)).size(), () -> "" + labels(axis));
    }
  }

  /// A constant has an axis around it.
  @Property
  void constants(@ForAll @DoubleRange(min = -1e6, max = 1e6) double a) {
    Axis axis = Axis.round(a, a, 5);
    assertTrue(axis.at(a) > 0.05 && axis.at(a) < 0.95);
  }
}
