package ibrik.tensor.reference;

import static ibrik.tensor.reference.Values.INF;
import static ibrik.tensor.reference.Values.NAN;
import static ibrik.tensor.reference.Values.check;
import static ibrik.tensor.reference.Values.vector;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.DType;
import ibrik.tensor.NoLeaks;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Elementwise;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ElementwiseReferenceTest {
  @Test
  void unaryMeanings() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(-2, 0, 0.25, 4);
      check(x.neg(), 2, 0, -0.25, -4);
      check(x.abs(), 2, 0, 0.25, 4);
      check(x.sign(), -1, 0, 1, 1);
      check(x.exp(), 0.1353352832366127, 1, 1.2840254166877414, 54.598150033144236);
      check(x.log(), NAN, -INF, -1.3862943611198906, 1.3862943611198906);
      check(x.sqrt(), NAN, 0, 0.5, 2);
      check(x.rsqrt(), NAN, INF, 2, 0.5);
      check(x.reciprocal(), -0.5, INF, 4, 0.25);
      check(x.square(), 4, 0, 0.0625, 16);
      check(x.sin(), -0.9092974268256817, 0, 0.24740395925452294, -0.7568024953079282);
      check(x.cos(), -0.4161468365471424, 1, 0.9689124217106447, -0.6536436208636119);
      check(x.tanh(), -0.9640275800758169, 0, 0.24491866240370913, 0.999329299739067);
      check(x.sigmoid(), 0.11920292202211755, 0.5, 0.5621765008857981, 0.9820137900379085);
      check(x.relu(), 0, 0, 0.25, 4);
      check(x.floor(), -2, 0, 0, 4);
      check(x.mul(3), -6, 0, 0.75, 12);
      check(x.add(1), -1, 1, 1.25, 5);
      check(x.sub(1), -3, -1, -0.75, 3);
      check(x.div(4), -0.5, 0, 0.0625, 1);
      check(x.pow(0.5), NAN, 0, 0.5, 2);
      check(x.clamp(-1, 0.5), -1, 0, 0.25, 0.5);
    }
  }

  @Test
  void nanStaysAndInfinitiesFollowTheLimits() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(NAN, INF, -INF);
      check(x.relu(), NAN, INF, 0);
      check(x.sign(), NAN, 1, -1);
      check(x.clamp(-1, 1), NAN, 1, -1);
      check(x.sigmoid(), NAN, 1, 0);
      check(x.tanh(), NAN, 1, -1);
      check(x.exp(), NAN, INF, 0);
      check(x.maximum(vector(0, 0, 0)), NAN, INF, 0);
      check(vector(0, 0, 0).minimum(x), NAN, 0, -INF);
      check(x.isFinite(), 0, 0, 0);
    }
  }

  @Test
  void binaryOpsBroadcast() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = vector(1, 2, 3, 4, 5, 6).reshape(2, 3);
      check(rows.add(vector(10, 20, 30)), 11, 22, 33, 14, 25, 36);
      check(rows.sub(vector(1, 2).reshape(2, 1)), 0, 1, 2, 2, 3, 4);
      Tensor outer = vector(1, 2).reshape(2, 1).mul(vector(3, 4, 5));
      check(Shape.of(2, 3), outer, 3, 4, 5, 6, 8, 10);
      check(vector(6).reshape().div(rows), 6, 3, 2, 1.5, 1.2, 1);
      check(Shape.of(0, 3), rows.narrow(0, 0, 0).add(vector(1, 2, 3)));
    }
  }

  @Test
  void reluBackwardPassesWhereTheOutputIsPositive() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor gate = vector(-1, 0, 2, NAN);
      check(
          Interpreter.current()
              .apply1(new Elementwise.ReluBackward(), List.of(vector(5, 6, 7, 8), gate)),
          0,
          0,
          7,
          0);
    }
  }

  @Test
  void integersAreWholeAndWrap() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = Tensor.of(new int[] {7, -7, Integer.MAX_VALUE});
      Tensor b = Tensor.of(new int[] {2, 2, 1});
      assertArrayEquals(new int[] {3, -3, Integer.MAX_VALUE}, a.div(b).toInts());
      assertArrayEquals(new int[] {9, -5, Integer.MIN_VALUE}, a.add(b).toInts());
      Tensor bytes = Tensor.of(new byte[] {(byte) 200, 100});
      assertArrayEquals(new int[] {144, 200}, bytes.add(bytes).toInts());
      Tensor zeros = Tensor.of(new int[3]);
      assertThrows(ArithmeticException.class, () -> a.div(zeros));
    }
  }

  @Test
  void comparisonsWithNanAreFalseButForUnequal() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = vector(1, 2, NAN);
      Tensor b = vector(2, 2, NAN);
      check(a.less(b), 1, 0, 0);
      check(a.lessEqual(b), 1, 1, 0);
      check(a.greater(b), 0, 0, 0);
      check(a.greaterEqual(b), 0, 1, 0);
      check(a.equal(b), 0, 1, 0);
      check(a.notEqual(b), 1, 0, 1);
    }
  }

  @Test
  void largeIntegersCompareExactly() {
    try (TensorScope _ = TensorScope.open()) {
      long big = 1L << 53;
      Tensor less = Tensor.of(new long[] {big}, 1).less(Tensor.of(new long[] {big + 1}, 1));
      assertEquals(1, less.item());
    }
  }

  @Test
  void whereTakesFromEitherSide() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor pick = Tensor.of(new boolean[] {true, false}, 2, 1);
      check(Shape.of(2, 2), pick.where(vector(1, 2), vector(-1).reshape()), 1, 2, -1, -1);
      check(pick.not(), 0, 1);
    }
  }

  @Test
  void castsTruncateSaturateAndRound() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(-1.9, 300.7, 1e20, NAN, -1e20);
      check(x.cast(DType.I32), -1, 300, Integer.MAX_VALUE, 0, Integer.MIN_VALUE);
      check(x.cast(DType.U8), 0, 255, 255, 0, 0);
      check(x.cast(DType.I8), -1, 127, 127, 0, -128);
      check(x.cast(DType.BOOL), 1, 1, 1, 1, 1);
      check(vector(0.1).cast(DType.F32), (float) 0.1);
      check(Tensor.of(new int[] {257}, 1).cast(DType.U8), 1);
    }
  }
}
