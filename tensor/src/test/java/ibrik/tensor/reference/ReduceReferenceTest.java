package ibrik.tensor.reference;

import static ibrik.tensor.reference.Values.INF;
import static ibrik.tensor.reference.Values.NAN;
import static ibrik.tensor.reference.Values.check;
import static ibrik.tensor.reference.Values.vector;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.tensor.NoLeaks;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ReduceReferenceTest {
  private static Tensor cube() {
    return vector(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12).reshape(2, 3, 2);
  }

  @Test
  void sumsOverAnyAxes() {
    try (TensorScope _ = TensorScope.open()) {
      check(cube().sum(), 78);
      check(Shape.of(3, 2), cube().sum(List.of(0), false), 8, 10, 12, 14, 16, 18);
      check(Shape.of(2, 1, 2), cube().sum(List.of(1), true), 9, 12, 27, 30);
      check(Shape.of(3), cube().sum(List.of(-1, 0), false), 18, 26, 34);
      check(Shape.of(2, 3, 2), cube().sum(List.of(), false), cube().toDoubles());
    }
  }

  @Test
  void meansAndExtremes() {
    try (TensorScope _ = TensorScope.open()) {
      check(cube().mean(), 6.5);
      check(cube().mean(List.of(0, 2), false), 4.5, 6.5, 8.5);
      check(cube().max(List.of(2), false), 2, 4, 6, 8, 10, 12);
      check(cube().min(List.of(0, 1), false), 1, 2);
      check(cube().max(), 12);
      check(cube().min(), 1);
    }
  }

  @Test
  void nothingHasAnIdentity() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor none = vector().reshape(0, 2);
      check(none.sum(List.of(0), false), 0, 0);
      check(none.mean(List.of(0), false), NAN, NAN);
      check(none.max(List.of(0), false), -INF, -INF);
      check(none.min(List.of(0), false), INF, INF);
      Tensor ints = Tensor.of(new int[0], 0);
      assertEquals(Integer.MIN_VALUE, ints.max().item());
      assertEquals(Integer.MAX_VALUE, ints.min().item());
      assertEquals(255, Tensor.of(new byte[0], 0).min().item());
    }
  }

  @Test
  void nanWins() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, NAN, INF);
      check(x.max(), NAN);
      check(x.min(), NAN);
      check(x.sum(), NAN);
      assertEquals(1, x.argMax(0).item());
    }
  }

  @Test
  void argMaxIsTheFirstOfEquals() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 5, 5, 9, 2, 9).reshape(2, 3);
      check(Shape.of(2), x.argMax(1), 1, 0);
      check(Shape.of(3), x.argMax(0), 1, 0, 1);
    }
  }

  @Test
  void floatSumsKeepTheDigitsOfADouble() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {1e8f, 1, -1e8f});
      assertEquals(1, x.sum().item(), "a float accumulator would give 0");
    }
  }

  @Test
  void integerSumsAreExact() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new long[] {1L << 53, 1});
      assertEquals("i64[] 9007199254740993", x.sum().toString());
    }
  }
}
