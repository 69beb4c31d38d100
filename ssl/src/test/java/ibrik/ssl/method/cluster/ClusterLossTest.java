package ibrik.ssl.method.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.autograd.GradCheck;
import ibrik.autograd.Tape;
import ibrik.ssl.method.MethodTest;
import ibrik.tensor.Device;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// [ClusterLoss] and [ClusterBank].
class ClusterLossTest extends MethodTest {
  private static Tensor labels(int... labels) {
    return Tensor.of(labels, labels.length);
  }

  private static Tensor weights(double... weights) {
    return Tensor.of(weights, weights.length);
  }

  /// One view, two images, t = 1: image 0 predicts (3/4, 1/4) of cluster 0, image 1 has no label.
  @Test
  void byHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor scores = Tensor.of(new double[] {Math.log(3), 0, 5, 1}, 2, 2);
      try (Tape.Run run =
          Tape.record(
              () -> ClusterLoss.of(List.of(scores), List.of(labels(0, 1)), weights(1, 0), 1))) {
        assertEquals(-Math.log(0.75), run.value().item(), 1e-12);
        assertArrayEquals(
            new double[] {-0.25, 0.25, 0, 0},
            run.gradients(List.of(scores)).getFirst().toDoubles(),
            1e-12);
      }
      assertEquals(
          0, ClusterLoss.of(List.of(scores), List.of(labels(0, 1)), weights(0, 0), 1).item());
    }
  }

  /// Two heads, two views, one image without a label; numbers of a separate program.
  @Test
  void fixture() {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> scores = List.of(waves(0.4, 6, 4), waves(1.4, 6, 4));
      List<Tensor> labels = List.of(labels(0, 3, 1), labels(2, 2, 0));
      try (Tape.Run run =
          Tape.record(() -> ClusterLoss.of(scores, labels, weights(1, 0, 1), 0.3))) {
        assertEquals(3.1798420368125067, run.value().item(), 1e-12);
        List<Tensor> g = run.gradients(scores);
        assertEquals(-0.36982148410302784, g.get(0).toDoubles()[0], 1e-8);
        assertEquals(0.0719128021575699, g.get(1).toDoubles()[9], 1e-8);
        assertEquals(0, g.get(1).toDoubles()[5]);
      }
    }
  }

  @Test
  void gradientCheck() {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> labels = List.of(labels(0, 2, 1), labels(1, 1, 0));
      List<Tensor> scores = List.of(normal64(0, 6, 3), normal64(1, 6, 3));
      for (long seed : new long[] {1, 2}) {
        GradCheck check =
            GradCheck.of(s -> ClusterLoss.of(s, labels, weights(1, 1, 0), 0.5)).on(Device.CPU);
        check.firstOrder(scores, seed).orThrow();
        check.secondOrder(scores, seed).orThrow();
      }
    }
  }

  @Test
  void whatDoesNotMatter() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = normal64(0, 3, 4);
      Tensor b = normal64(1, 3, 4);
      Tensor w = weights(1, 0, 1);
      double loss =
          ClusterLoss.of(
                  List.of(LayoutOps.concat(0, List.of(a, b))), List.of(labels(0, 1, 3)), w, 1)
              .item();
      Tensor swapped = LayoutOps.concat(0, List.of(b, a));
      assertEquals(
          loss, ClusterLoss.of(List.of(swapped), List.of(labels(0, 1, 3)), w, 1).item(), 1e-12);
      Tensor rolled = LayoutOps.concat(0, List.of(rolled(a), rolled(b)));
      assertEquals(
          loss,
          ClusterLoss.of(List.of(rolled), List.of(labels(1, 3, 0)), weights(0, 1, 1), 1).item(),
          1e-12);
    }
  }

  @Test
  void collapseIsTheLogarithm() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor same = Tensor.of(new double[20], 4, 5).add(0.3);
      assertEquals(
          Math.log(5),
          ClusterLoss.of(List.of(same), List.of(labels(0, 4)), weights(1, 1), 0.1).item(),
          1e-12);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN})
  void temperatureMustBePositive(double temperature) {
    try (TensorScope _ = TensorScope.open()) {
      rejects(
          "[cluster_loss] temperature must be a number above 0; got " + temperature,
          () ->
              ClusterLoss.of(
                  List.of(normal64(0, 2, 3)), List.of(labels(0, 1)), weights(1, 1), temperature));
    }
  }

  @Test
  void shapesMustFit() {
    try (TensorScope _ = TensorScope.open()) {
      rejects(
          "[cluster_loss] needs scores [V B, K] and labels [B] of each head and weights [B]; got"
              + " scores: [f64[3,3]], labels: [i32[2]], weights: f64[2]",
          () ->
              ClusterLoss.of(List.of(normal64(0, 3, 3)), List.of(labels(0, 1)), weights(1, 1), 1));
    }
  }

  /// Five images, two views, three heads. Labels reach the images that have been seen; head 2
  /// clusters the first view again.
  @Test
  void theBankRemembers() {
    try (TensorScope _ = TensorScope.open();
        ClusterBank bank = new ClusterBank(5, 2, 1, 2, 3, Device.CPU)) {
      bank.fill(
          visitor -> {
            visitor.accept(List.of(column(10, 13), column(20, 23), column(0, 0)), new int[] {0, 3});
            visitor.accept(List.of(column(14, 11), column(24, 21), column(0, 0)), new int[] {4, 1});
          },
          view -> view,
          rows -> rows);
      bank.moveTo(new int[] {3, 2});
      assertArrayEquals(
          new float[] {0, 0}, bank.weights(bank.batchImages()).toFloats(), "no labels yet");
      double[][] asked = new double[3][];
      bank.cluster(
          (rows, head) -> {
            asked[head] = rows.toDoubles();
            return Tensor.of(new int[] {head, 7, head + 1, 9}, 4);
          });
      assertArrayEquals(new double[] {10, 11, 13, 14}, asked[0]);
      assertArrayEquals(new double[] {20, 21, 23, 24}, asked[1]);
      assertArrayEquals(asked[0], asked[2]);
      assertArrayEquals(new float[] {1, 0}, bank.weights(bank.batchImages()).toFloats());
      assertArrayEquals(new int[] {2, 0}, bank.labels(bank.batchImages()).get(1).toInts());

      bank.put(bank.batchImages(), List.of(column(33, 32), column(43, 42)));
      assertArrayEquals(
          new float[] {1, 0}, bank.weights(bank.batchImages()).toFloats(), "until clustered anew");
      bank.cluster(
          (rows, head) -> {
            asked[head] = rows.toDoubles();
            return Tensor.of(new int[] {1, 2, 3, 4, 5}, 5);
          });
      assertArrayEquals(new double[] {10, 11, 32, 33, 14}, asked[0]);
      assertArrayEquals(new float[] {1, 1}, bank.weights(bank.batchImages()).toFloats());
      assertArrayEquals(new int[] {4, 3}, bank.labels(bank.batchImages()).getFirst().toInts());
      assertEquals(7, bank.state().size());
    }
  }

  private static Tensor column(float... values) {
    return Tensor.of(values, values.length, 1);
  }
}
