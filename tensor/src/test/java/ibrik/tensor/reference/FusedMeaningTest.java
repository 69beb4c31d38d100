package ibrik.tensor.reference;

import static ibrik.tensor.reference.Values.check;
import static ibrik.tensor.reference.Values.ints;
import static ibrik.tensor.reference.Values.vector;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.NoLeaks;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Loss;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.Op;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Fused ops mean their compositions; these are checked by hand.
@ExtendWith(NoLeaks.class)
class FusedMeaningTest {
  private static final double LN2 = Math.log(2);

  private static List<Tensor> apply(Op op, Tensor... in) {
    return Interpreter.current().apply(op, List.of(in));
  }

  @Test
  void softmaxOfLogarithmsAreTheirShares() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(0, LN2, 2 * LN2, Math.log(9), 0, 0).reshape(2, 3);
      check(x.softmax(), 1 / 7.0, 2 / 7.0, 4 / 7.0, 9 / 11.0, 1 / 11.0, 1 / 11.0);
      check(x.logSoftmax().exp(), x.softmax().toDoubles());
      check(vector(1000, 1000).softmax(), 0.5, 0.5); // the maximum is taken off first
    }
  }

  @Test
  void unitRowsAndTheirGuard() {
    try (TensorScope _ = TensorScope.open()) {
      check(vector(3, 4, 0, 0).reshape(2, 2).l2Normalize(), 0.6, 0.8, 0, 0);
      check(vector(3, 4).l2Normalize(100), 0.3, 0.4);
      Op op = new Normalize.L2NormalizeBackward(1e-12);
      check(apply(op, vector(3, 4), vector(5, 0)).getFirst(), 0.64, -0.48);
      Op guarded = new Normalize.L2NormalizeBackward(100);
      check(apply(guarded, vector(3, 4), vector(5, 0)).getFirst(), 0.5, 0);
    }
  }

  /// Two channels: 1, 3 (mean 2, variance 1) and 0, 8 (mean 4, variance 16).
  @Test
  void batchNormByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 0, 3, 8).reshape(2, 2);
      List<Tensor> out = x.batchNorm(vector(10, 1), vector(0, 5), 9);
      check(out.get(1), 2, 4);
      check(out.get(2), 1, 16);
      double r = 10 / Math.sqrt(10);
      check(out.get(0), -r, 5 - 0.8, r, 5 + 0.8);
      check(
          x.batchNormInference(vector(10, 1), vector(0, 5), vector(1, 4), vector(16, 16), 9),
          0,
          4.2,
          4,
          5.8);
    }
  }

  @Test
  void crossEntropyIsTheLogOfTheShare() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor logits = vector(0, LN2, 2 * LN2, 0, 0, 0).reshape(2, 3);
      Tensor labels = ints(2, 0);
      check(logits.softmaxCrossEntropy(labels), Math.log(7 / 4.0), Math.log(3));
      check(
          apply(new Loss.SoftmaxCrossEntropyBackward(), logits, labels, vector(7, 3)).getFirst(),
          1,
          2,
          -3,
          -2,
          1,
          1);
      Tensor outside = ints(2, 3);
      assertEquals(
          "[one_hot] index must be in [0, 3); got 3 at 1",
          assertThrows(IllegalArgumentException.class, () -> logits.softmaxCrossEntropy(outside))
              .getMessage());
    }
  }
}
