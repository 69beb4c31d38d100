package ibrik.ssl.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.nn.BatchNorm;
import ibrik.nn.Build;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitBatchTest extends MethodTest {
  private static final int BATCH = 12;

  private static Tensor rows() {
    return Tensor.of(normals(BATCH * 2, 1), BATCH, 2);
  }

  /// Each part is centred by itself.
  private static Tensor centred(Tensor x) {
    return x.sub(x.mean(List.of(0), true));
  }

  @Test
  void partsAreNormalisedApart() {
    try (TensorScope _ = TensorScope.open();
        BatchNorm norm = new BatchNorm(Build.cpu(1), 2)) {
      Tensor y = new SplitBatch(3, BATCH).apply(norm::forward, rows());
      for (int part = 0; part < 3; part++) {
        Tensor alone = norm.forward(rows().narrow(0, 4L * part, 4));
        assertArrayEquals(alone.toDoubles(), y.narrow(0, 4L * part, 4).toDoubles());
      }
      assertArrayEquals(
          norm.forward(rows()).toDoubles(),
          new SplitBatch(1, BATCH).apply(norm::forward, rows()).toDoubles());
    }
  }

  /// What works row by row does not notice; what looks at its part sees another part every step.
  @Test
  void shuffledRowsComeBackInOrder() {
    try (TensorScope _ = TensorScope.open();
        RandomKey key = new RandomKey(3, "shuffle", Device.CPU)) {
      SplitBatch split = new SplitBatch(3, BATCH);
      UnaryOperator<Tensor> twice = x -> x.mul(2);
      assertArrayEquals(rows().mul(2).toDoubles(), split.shuffled(twice, rows(), key).toDoubles());
      double[] first = split.shuffled(SplitBatchTest::centred, rows(), key).toDoubles();
      key.moveTo(1);
      double[] second = split.shuffled(SplitBatchTest::centred, rows(), key).toDoubles();
      assertFalse(Arrays.equals(first, second));
      assertFalse(Arrays.equals(first, split.apply(SplitBatchTest::centred, rows()).toDoubles()));
      for (double[] got : List.of(first, second)) {
        assertEquals(0, Arrays.stream(got).sum(), 1e-5);
      }
    }
  }

  /// Over many steps each row visits each part about equally often.
  @Test
  void permutationsAreFair() {
    try (TensorScope _ = TensorScope.open();
        RandomKey key = new RandomKey(3, "shuffle", Device.CPU)) {
      int[][] visits = new int[BATCH][BATCH];
      int steps = 1200;
      for (int step = 0; step < steps; step++) {
        key.moveTo(step);
        int[] order = SplitBatch.permutation(BATCH, key).toInts();
        assertArrayEquals(
            IntStream.range(0, BATCH).toArray(), IntStream.of(order).sorted().toArray());
        for (int i = 0; i < BATCH; i++) {
          visits[i][order[i]]++;
        }
      }
      // 100 visits each are expected; five deviations of a binomial are 48.
      for (int[] row : visits) {
        for (int count : row) {
          assertEquals(100, count, 48);
        }
      }
    }
  }

  @Test
  void partsMustBeEqual() {
    for (int parts : new int[] {0, 5, 12}) {
      IllegalArgumentException thrown =
          assertThrows(IllegalArgumentException.class, () -> new SplitBatch(parts, BATCH));
      assertEquals(
          "[split_batch] parts must divide the batch of 12 and leave at least two images in each;"
              + " got "
              + parts
              + "; take another batch size, or 1 to leave it whole",
          thrown.getMessage());
    }
  }
}
