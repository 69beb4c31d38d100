package ibrik.tensor.reference;

import static ibrik.tensor.reference.Values.NAN;
import static ibrik.tensor.reference.Values.check;
import static ibrik.tensor.reference.Values.ints;
import static ibrik.tensor.reference.Values.vector;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.NoLeaks;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Pool;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class PoolReferenceTest {
  private static final Conv2dGeometry PADDED = Conv2dGeometry.of(2, 1);

  private static List<Tensor> apply(Op op, Tensor... in) {
    return Interpreter.current().apply(op, List.of(in));
  }

  private static Tensor image(double... values) {
    return vector(values).reshape(1, 3, 3, 1);
  }

  @Test
  void theLargestAndItsPlace() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = image(1, 9, 3, 4, 5, 6, 7, 8, 2);
      List<Tensor> out = apply(new Pool.MaxPool2d(3, 3, PADDED), x);
      check(Shape.of(1, 2, 2, 1), out.get(0), 9, 9, 8, 8);
      check(out.get(1), 1, 1, 7, 7);
    }
  }

  @Test
  void paddingNeverWinsAndTheFirstOfEqualsDoes() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = image(-1, -1, -3, -4, -5, -6, -7, -8, -9);
      List<Tensor> out = apply(new Pool.MaxPool2d(2, 2, PADDED), x);
      check(out.get(0), -1, -1, -4, -5);
      check(out.get(1), 0, 1, 3, 4);
      Tensor broken = image(1, NAN, 3, 4, NAN, 6, 7, 8, 9);
      List<Tensor> nan = apply(new Pool.MaxPool2d(3, 3, Conv2dGeometry.of(1, 0)), broken);
      check(nan.get(0), NAN);
      check(nan.get(1), 1);
    }
  }

  @Test
  void scatterAndGatherAreTransposes() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor index = ints(1, 1, 7, 7).reshape(1, 2, 2, 1);
      Tensor dy = vector(10, 20, 30, 40).reshape(1, 2, 2, 1);
      Tensor dx = apply(new Pool.MaxPool2dBackward(3, 3), dy, index).getFirst();
      check(Shape.of(1, 3, 3, 1), dx, 0, 30, 0, 0, 0, 0, 0, 70, 0);
      check(apply(new Pool.MaxPool2dGather(), dx, index).getFirst(), 30, 30, 70, 70);
      Tensor outside = ints(9, 1, 7, 7).reshape(1, 2, 2, 1);
      assertEquals(
          "[max_pool2d] index must be in [0, 9); got 9",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> apply(new Pool.MaxPool2dGather(), dx, outside))
              .getMessage());
    }
  }

  @Test
  void theMeanCountsPaddingAsZeros() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = image(4, 8, 12, 16, 20, 24, 28, 32, 36);
      check(x.avgPool2d(2, 2, 1), 1, 5, 11, 28);
      check(x.globalAvgPool2d(), 20);
      Tensor dy = vector(4, 8, 12, 16).reshape(1, 2, 2, 1);
      check(
          apply(new Pool.AvgPool2dBackward(2, 2, PADDED, 3, 3), dy).getFirst(),
          1,
          2,
          2,
          3,
          4,
          4,
          3,
          4,
          4);
    }
  }
}
