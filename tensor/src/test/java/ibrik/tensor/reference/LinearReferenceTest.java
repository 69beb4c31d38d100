package ibrik.tensor.reference;

import static ibrik.tensor.reference.Values.check;
import static ibrik.tensor.reference.Values.vector;

import ibrik.tensor.NoLeaks;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Op;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class LinearReferenceTest {
  private static Tensor apply(Op op, Tensor a, Tensor b) {
    return Interpreter.current().apply1(op, List.of(a, b));
  }

  @Test
  void productsWithEachSideTransposed() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = vector(1, 2, 3, 4, 5, 6).reshape(2, 3);
      Tensor b = vector(1, 0, 2, 1, 0, 3).reshape(3, 2);
      check(Shape.of(2, 2), a.matMul(b), 5, 11, 14, 23);
      check(a.transpose(1, 0).matMul(b, true, false), 5, 11, 14, 23);
      check(a.matMul(b.transpose(1, 0), false, true), 5, 11, 14, 23);
      check(a.transpose(1, 0).matMul(b.transpose(1, 0), true, true), 5, 11, 14, 23);
    }
  }

  @Test
  void batchesBroadcast() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = vector(1, 2, 3, 4).reshape(2, 1, 1, 2);
      Tensor b = vector(1, 1, 10, 100, 0, 1).reshape(3, 2, 1);
      check(Shape.of(2, 3, 1, 1), a.matMul(b), 3, 210, 2, 7, 430, 4);
      Tensor none = vector().reshape(2, 0).matMul(vector().reshape(0, 1));
      check(Shape.of(2, 1), none, 0, 0);
    }
  }

  /// One 3x3 image under a 2x2 kernel with one row and column of padding and stride 2.
  @Test
  void convolutionByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2, 3, 4, 5, 6, 7, 8, 9).reshape(1, 3, 3, 1);
      Tensor w = vector(1, 10, 100, 1000).reshape(1, 2, 2, 1);
      Conv2dGeometry g = Conv2dGeometry.of(2, 1);
      check(Shape.of(1, 2, 2, 1), x.conv2d(w, g), 1000, 3200, 7040, 9865);
      check(Shape.of(1, 2, 2, 1), x.conv2d(w, Conv2dGeometry.of(1, 0)), 5421, 6532, 8754, 9865);
      Tensor dilated = x.conv2d(w, new Conv2dGeometry(1, 1, 0, 0, 2, 2, 1));
      check(Shape.of(1, 1, 1, 1), dilated, 1 + 30 + 700 + 9000);
    }
  }

  @Test
  void channelsAreSummedWithinTheirGroup() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor pixel = vector(1, 2, 3, 4).reshape(1, 1, 1, 4);
      Conv2dGeometry g = Conv2dGeometry.of(1, 0);
      check(pixel.conv2d(vector(1, 10, 100, 1000).reshape(1, 1, 1, 4), g), 4321);
      Tensor two = vector(1, 10, 100, 1000).reshape(2, 1, 1, 2);
      check(pixel.conv2d(two, g.grouped(2)), 21, 4300);
    }
  }

  @Test
  void theGradientsOfAConvolutionByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Conv2dGeometry g = Conv2dGeometry.of(1, 0);
      Tensor x = vector(1, 2, 3).reshape(1, 1, 3, 1);
      Tensor w = vector(5, 7).reshape(1, 1, 2, 1);
      Tensor dy = vector(1, 10).reshape(1, 1, 2, 1);
      check(x.conv2d(w, g), 19, 31);
      check(apply(new Linear.Conv2dBackwardData(g, 1, 3), dy, w), 5, 57, 70);
      check(apply(new Linear.Conv2dBackwardWeight(g, 1, 2), x, dy), 21, 32);
    }
  }
}
