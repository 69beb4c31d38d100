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
import ibrik.tensor.op.Activation;
import ibrik.tensor.op.Attend;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Conv3dGeometry;
import ibrik.tensor.op.Loss;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Video;
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

  /// The row 1, 3 has mean 2 and variance 1; 4, 4 has variance 0.
  @Test
  void layerNormByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 3, 4, 4).reshape(2, 2);
      check(x.layerNorm(3), -0.5, 0.5, 0, 0);
      check(x.layerNorm(vector(2, 10), vector(5, 7), 3), 4, 12, 5, 7);
      // Of dy = (1, 0): minus the mean 1/2, minus n (-1/2) times the mean of g n, -1/4.
      Op op = new Normalize.LayerNormBackward(3);
      Tensor dy = vector(1, 0, 0, 0).reshape(2, 2);
      check(apply(op, x, dy).getFirst(), 0.5 * 0.375, -0.5 * 0.375, 0, 0);
      check(apply(op, x, dy, vector(2, 9)).get(1), -0.5, 0);
      check(apply(op, x, dy, vector(2, 9)).get(2), 1, 0);
    }
  }

  /// Tables of the normal distribution: P(z <= 1), P(z <= -2).
  @Test
  void geluByTable() {
    try (TensorScope _ = TensorScope.open()) {
      double one = 0.8413447460685429;
      double minusTwo = 0.022750131948179195;
      check(vector(0, 1, -2, 40).gelu(), 0, one, -2 * minusTwo, 40);
      double density = 0.24197072451914337;
      check(
          apply(new Activation.GeluBackward(), vector(0, 1), vector(2, 1)).getFirst(),
          1,
          one + density);
    }
  }

  /// Scores 0 and ln 3: weights 1/4 and 3/4.
  @Test
  void attentionByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor q = vector(2).reshape(1, 1, 1, 1);
      Tensor k = vector(0, Math.log(3)).reshape(1, 1, 2, 1);
      Tensor v = vector(4, 0, 0, 8).reshape(1, 1, 2, 2);
      List<Tensor> out = apply(new Attend.Attention(0.5), q, k, v);
      check(out.get(0), 1, 6);
      check(out.get(1), Math.log(4));
      check(q.attention(k, v, 0.5), 1, 6);
    }
  }

  /// Frames of one pixel: a convolution in time, padded at both ends, every second output.
  @Test
  void videoConvolutionByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2, 3, 4).reshape(1, 4, 1, 1, 1);
      Tensor w = vector(1, 10, 100).reshape(1, 3, 1, 1, 1);
      Conv3dGeometry g = new Conv3dGeometry(2, 1, 1, Conv2dGeometry.of(1, 0));
      check(x.conv3d(w, g), 210, 432);
      Tensor dy = vector(1, 2).reshape(1, 2, 1, 1, 1);
      check(apply(new Video.Conv3dBackwardData(g, 4, 1, 1), dy, w).getFirst(), 10, 102, 20, 200);
      check(apply(new Video.Conv3dBackwardWeight(g, 3, 1, 1), x, dy).getFirst(), 4, 7, 10);
      Conv3dGeometry dense = new Conv3dGeometry(1, 1, 1, Conv2dGeometry.of(1, 0));
      check(x.conv3d(w, dense), 210, 321, 432, 43);
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
