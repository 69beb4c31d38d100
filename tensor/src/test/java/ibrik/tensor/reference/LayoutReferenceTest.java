package ibrik.tensor.reference;

import static ibrik.tensor.reference.Values.check;
import static ibrik.tensor.reference.Values.vector;

import ibrik.tensor.LayoutOps;
import ibrik.tensor.NoLeaks;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class LayoutReferenceTest {
  private static Tensor rows() {
    return vector(1, 2, 3, 4, 5, 6).reshape(2, 3);
  }

  @Test
  void movesElements() {
    try (TensorScope _ = TensorScope.open()) {
      check(Shape.of(3, 2), rows().transpose(1, 0), 1, 4, 2, 5, 3, 6);
      check(Shape.of(2, 1), rows().narrow(1, 2, 1), 3, 6);
      check(Shape.of(2, 5), rows().pad(-1, 1, 1), 0, 1, 2, 3, 0, 0, 4, 5, 6, 0);
      check(
          Shape.of(2, 2, 1), vector(7, 8).reshape(2, 1).broadcastTo(Shape.of(2, 2, 1)), 7, 8, 7, 8);
      check(
          Shape.of(2, 4),
          LayoutOps.concat(1, List.of(rows(), vector(7, 8).reshape(2, 1))),
          1,
          2,
          3,
          7,
          4,
          5,
          6,
          8);
    }
  }

  @Test
  void aTransposeOfThreeAxesNamesWhereEachComesFrom() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2, 3, 4, 5, 6).reshape(1, 2, 3);
      check(Shape.of(3, 1, 2), x.transpose(2, 0, 1), 1, 4, 2, 5, 3, 6);
    }
  }
}
