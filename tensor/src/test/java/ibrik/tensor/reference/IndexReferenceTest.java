package ibrik.tensor.reference;

import static ibrik.tensor.reference.Values.NAN;
import static ibrik.tensor.reference.Values.check;
import static ibrik.tensor.reference.Values.ints;
import static ibrik.tensor.reference.Values.vector;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.DType;
import ibrik.tensor.NoLeaks;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

@ExtendWith(NoLeaks.class)
class IndexReferenceTest {
  @Test
  void gathersAndScattersRows() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2, 3, 4, 5, 6).reshape(3, 2);
      Tensor index = ints(2, 0, 2);
      check(Shape.of(3, 2), x.gather(index), 5, 6, 1, 2, 5, 6);
      check(Shape.of(4, 2), x.scatterAdd(index, 4), 3, 4, 0, 0, 6, 8, 0, 0);
      check(Shape.of(0, 2), x.gather(ints()));
    }
  }

  @Test
  void oneHotRows() {
    try (TensorScope _ = TensorScope.open()) {
      check(Shape.of(2, 3), ints(2, 0).oneHot(3, DType.F64), 0, 0, 1, 1, 0, 0);
    }
  }

  @Test
  void theLargestInOrderWithTheirPlaces() {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> top = vector(3, 7, 7, 1, 0, -2, NAN, -1).reshape(2, 4).topK(3);
      check(Shape.of(2, 3), top.get(0), 7, 7, 3, NAN, 0, -1);
      check(Shape.of(2, 3), top.get(1), 1, 2, 0, 2, 0, 3);
      check(vector(-0.0, 0.0).topK(2).get(1), 0, 1); // equal, so the lower index stays first
    }
  }

  @Test
  void indicesAreChecked() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2);
      refused("[gather] index must be in [0, 2); got 2 at 1", () -> x.gather(ints(0, 2)));
      refused(
          "[scatter_add] index must be in [0, 1); got -1 at 0", () -> x.scatterAdd(ints(-1, 0), 1));
      refused("[one_hot] index must be in [0, 3); got 3 at 0", () -> ints(3).oneHot(3, DType.F32));
    }
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
