package ibrik.tensor.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/// The error function against values known to more digits than a double holds.
class ErrorFunctionTest {
  private static final double[][] KNOWN = {
    {0, 0},
    {1e-10, 1.1283791670955125739e-10},
    {0.1, 0.11246291601828489220},
    {0.5, 0.52049987781304653768},
    {1, 0.84270079294971486934},
    {2, 0.99532226501895273416},
    {2.4999, 0.99959283009966654908},
    {2.5, 0.99959304798255504106},
    {3, 0.99997790950300141456},
    {6, 0.99999999999999997848}
  };

  @Test
  void knownValues() {
    for (double[] pair : KNOWN) {
      double tolerance = 4 * Math.ulp(pair[1]);
      assertEquals(pair[1], ErrorFunction.erf(pair[0]), tolerance, () -> "erf " + pair[0]);
      assertEquals(-pair[1], ErrorFunction.erf(-pair[0]), tolerance, () -> "erf -" + pair[0]);
    }
  }

  @Test
  void ends() {
    assertEquals(1, ErrorFunction.erf(Double.POSITIVE_INFINITY));
    assertEquals(-1, ErrorFunction.erf(Double.NEGATIVE_INFINITY));
    assertEquals(Double.NaN, ErrorFunction.erf(Double.NaN));
    assertEquals(-0.0, ErrorFunction.erf(-0.0));
  }
}
