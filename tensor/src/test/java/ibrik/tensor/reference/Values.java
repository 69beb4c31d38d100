package ibrik.tensor.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;

/// Short forms for tests of meanings: f64 in, values worked out by hand.
final class Values {
  static final double NAN = Double.NaN;
  static final double INF = Double.POSITIVE_INFINITY;

  private Values() {}

  static Tensor vector(double... values) {
    return Tensor.of(values, values.length);
  }

  static Tensor ints(int... values) {
    return Tensor.of(values, values.length);
  }

  static void check(Tensor got, double... want) {
    assertArrayEquals(want, got.toDoubles(), 1e-12);
  }

  static void check(Shape shape, Tensor got, double... want) {
    assertEquals(shape, got.shape());
    check(got, want);
  }
}
