package ibrik.ssl.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SpreadTest {
  private static Spread of(double... values) {
    return new Spread(values);
  }

  @Test
  void meanAndDeviationOverRuns() {
    Spread spread = of(0.1, 0.2, Double.NaN, 0.6);
    assertEquals(3, spread.n());
    assertEquals(0.3, spread.mean(), 1e-15);
    assertEquals(Math.sqrt(0.07), spread.std(), 1e-15); // (0.04 + 0.01 + 0.09) / 2
    assertEquals("30.0 ± 26.5 %", spread.percent());
    assertEquals("0.300", spread.meanText(3));
  }

  @Test
  void oneRunHasNoDeviation() {
    assertEquals("83.4 %", of(0.834).percent());
    assertTrue(Double.isNaN(of(0.834).std()));
    assertEquals("-", of().percent());
    assertEquals("-", of(Double.NaN).meanText(1));
  }

  /// Two samples of three: variances 1 and 4, so 5 * 5 / 17 * 2 / 3 ... = 2.94 degrees of freedom,
  /// taken as 2, whose t is 4.30.
  @Test
  void marginIsWelchs() {
    Spread a = of(1, 2, 3);
    Spread b = of(2, 4, 6);
    assertEquals(4.30 * Math.sqrt(5.0 / 3), Spread.margin(a, b), 1e-12);
    assertEquals(Spread.margin(a, b), Spread.margin(b, a), 1e-15);
    // Equal variances: all four degrees of freedom.
    assertEquals(2.78 * Math.sqrt(2.0 / 3), Spread.margin(a, of(5, 6, 7)), 1e-12);
  }

  @Test
  void oneSeedTellsNothingOfSeeds() {
    assertEquals(0, Spread.margin(of(1, 2, 3), of(5)));
    assertEquals(0, Spread.margin(of(1, 1), of(2, 2)));
  }
}
