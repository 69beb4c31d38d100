package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.spec.LiveBytes;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Composite;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Similarity;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Losses of similarity by hand, at their limits and on wrong input.
@ExtendWith(LiveBytes.class)
class SimilarityTest {
  private static Tensor normal(long seed, long... dims) {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(dims));
    return Tensors.normal(spec, 0, 1, Tensors.key(seed, 0, Device.CPU));
  }

  /// Two images on the axes, views equal: one cosine of 1, two of 0 beside the row itself.
  @Test
  void ntXentByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z = Tensor.of(new float[] {2, 0, 0, 3}, 2, 2);
      double want = Math.log(Math.exp(2) + 2) - 2;
      double[] rows = {want, want, want, want};
      assertArrayEquals(rows, z.ntXent(z, 0.5).toDoubles(), 1e-6);
    }
  }

  /// q meets its key with 1, the queue with 0 and -1; t = 1/2.
  @Test
  void infoNceByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor q = Tensor.of(new float[] {1, 0, 0, 1}, 2, 2);
      Tensor queue = Tensor.of(new float[] {0, 1, -1, 0}, 2, 2);
      double[] want = {
        Math.log(Math.exp(2) + 1 + Math.exp(-2)) - 2, Math.log(Math.exp(2) + Math.exp(2) + 1) - 2
      };
      assertArrayEquals(want, q.infoNce(q, queue, 0.5).toDoubles(), 1e-6);
    }
  }

  /// Nothing in the queue: nothing to tell the key from.
  @Test
  void anEmptyQueueCostsNothing() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor q = normal(1, 3, 4);
      Tensor queue = normal(2, 0, 4);
      try (Tape.Run run = Tape.record(() -> q.infoNce(normal(3, 3, 4), queue, 0.1).sum())) {
        assertEquals(0, run.value().item());
        List<Tensor> gradients = run.gradients(List.of(q, queue));
        assertArrayEquals(new double[12], gradients.getFirst().toDoubles(), 1e-30);
        assertEquals(0, gradients.get(1).elems());
      }
    }
  }

  /// A negative equal to the positive in every one of K places: `ln(K + 1)`, at any temperature.
  @ParameterizedTest
  @ValueSource(doubles = {1e-3, 0.07, 1, 100})
  void collapseIsTheLogarithm(double temperature) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor row = normal(4, 1, 19).l2Normalize();
      Tensor all = row.broadcastTo(Shape.of(5000, 19));
      Tensor q = all.narrow(0, 0, 130);
      double allowed = 1e-5 + 1e-6 / temperature;
      for (double loss : q.infoNce(q, all, temperature).toDoubles()) {
        assertEquals(Math.log(5001), loss, allowed);
      }
      for (double loss : q.ntXent(q, temperature).toDoubles()) {
        assertEquals(Math.log(259), loss, allowed);
      }
    }
  }

  /// Scores near 0 are summed relative to their bound, others to the largest; rows and strips end
  /// inside a vector.
  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.049, 0.051, 0.5, 30})
  void anyTemperatureAgreesWithTheComposition(double temperature) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z1 = normal(1, 67, 19);
      Tensor z2 = z1.add(normal(2, 67, 19));
      assertComposes(new Similarity.NtXent(temperature), z1, z2);
      Tensor q = z1.l2Normalize();
      Tensor k = z2.l2Normalize();
      Tensor queue = normal(3, 333, 19).l2Normalize();
      assertComposes(new Similarity.InfoNce(temperature), q, k, queue);
      // One long key, and one long query.
      assertComposes(
          new Similarity.InfoNce(temperature), q, k, LayoutOps.concat(0, List.of(queue, z1)));
      assertComposes(new Similarity.InfoNce(temperature), z1.mul(9), k, queue);
    }
  }

  private static <T extends Op & Composite> void assertComposes(T op, Tensor... in) {
    List<Tensor> all = List.of(in);
    try (Tape.Run fused = Tape.record(() -> Interpreter.current().apply1(op, all).sum());
        Tape.Run composed = Tape.record(() -> op.compose(all).getFirst().sum())) {
      List<Tensor> want = composed.gradients(all);
      List<Tensor> got = fused.gradients(all);
      double loss = composed.value().item();
      assertEquals(loss, fused.value().item(), 1e-4 * Math.abs(loss), op.toString());
      for (int i = 0; i < want.size(); i++) {
        double largest = want.get(i).abs().max().item();
        double[] expected = want.get(i).toDoubles();
        assertArrayEquals(expected, got.get(i).toDoubles(), 1e-3 * largest, op.toString());
      }
    }
  }

  /// Each gradient comes out the same, whether the others are wanted or not.
  @Test
  void onlyWantedGradientsAreMade() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor q = normal(1, 4, 6);
      Tensor k = normal(2, 4, 6);
      Tensor queue = normal(3, 9, 6);
      List<Tensor> apart;
      try (Tape.Run run = Tape.record(() -> q.infoNce(k, queue, 0.7).sum())) {
        apart = run.gradients(List.of(q, k, queue)).stream().map(run::keep).toList();
      }
      for (int i = 0; i < 3; i++) {
        Tensor wanted = List.of(q, k, queue).get(i);
        try (Tape.Run run = Tape.record(() -> q.infoNce(k, queue, 0.7).sum())) {
          double[] alone = run.gradients(List.of(wanted)).getFirst().toDoubles();
          assertArrayEquals(apart.get(i).toDoubles(), alone);
        }
      }
    }
  }

  /// Large batches go through more than one strip; the whole matrix would be 8 MB.
  @Test
  void noMatrixOfSimilaritiesIsAllocated() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z1 = normal(1, 725, 8);
      Tensor z2 = normal(2, 725, 8);
      long empty = Backends.of(Device.CPU).memory(0).liveBytes();
      try (Tape.Run run = Tape.record(() -> z1.ntXent(z2, 0.2).mean())) {
        long kept = Backends.of(Device.CPU).memory(0).liveBytes() - empty;
        assertTrue(kept < 100_000, () -> kept + " bytes on the tape");
        assertEquals(2, run.gradients(List.of(z1, z2)).size());
      }
    }
  }

  @Test
  void nanReachesEveryRowThatSeesIt() {
    try (TensorScope _ = TensorScope.open()) {
      float[] values = {1, 2, Float.NaN, 1, 0, 3};
      Tensor z = Tensor.of(values, 3, 2);
      Tensor fine = Tensor.of(new float[] {1, 2, 2, 1, 0, 3}, 3, 2);
      for (double loss : fine.ntXent(z, 1).toDoubles()) {
        assertTrue(Double.isNaN(loss));
      }
      double[] rows = z.infoNce(fine, fine, 1).toDoubles();
      assertTrue(!Double.isNaN(rows[0]) && Double.isNaN(rows[1]) && !Double.isNaN(rows[2]));
      for (double loss : fine.infoNce(fine, z, 1).toDoubles()) {
        assertTrue(Double.isNaN(loss));
      }
      rows = fine.cosineRegression(z, 1e-12).toDoubles();
      assertTrue(!Double.isNaN(rows[0]) && Double.isNaN(rows[1]) && !Double.isNaN(rows[2]));
    }
  }

  /// Cosines 24/25, 0, -1, and a row of zeros.
  @Test
  void cosineRegressionByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {3, 4, 1, 0, -2, 2, 0, 0}, 4, 2);
      Tensor y = Tensor.of(new float[] {4, 3, 0, 2, 1, -1, 1, 1}, 4, 2);
      double[] want = {0.08, 2, 4, 2};
      assertArrayEquals(want, x.cosineRegression(y, 1e-12).toDoubles(), 1e-6);
      assertArrayEquals(want, y.cosineRegression(x, 1e-12).toDoubles(), 1e-6);
    }
  }

  @Test
  void wrongInputIsNamed() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = normal(1, 2, 3);
      Tensor b = normal(2, 3, 3);
      Tensor wide = normal(3, 5, 4);
      assertRefused(
          "[nt_xent] embeddings must have one shape [B, D]; got z1: f32[2,3], z2: f32[3,3]",
          () -> a.ntXent(b, 1));
      assertRefused(
          "[nt_xent] z1 needs at least one row; got z1: f32[0,3], z2: f32[0,3]",
          () -> normal(4, 0, 3).ntXent(normal(4, 0, 3), 1));
      assertRefused(
          "[nt_xent] temperature must be a number above 0; got -1.0", () -> a.ntXent(a, -1));
      assertRefused(
          "[info_nce] q and k must have one type and shape; got q: f32[2,3], k: f32[3,3], queue:"
              + " f32[3,3]",
          () -> a.infoNce(b, b, 1));
      assertRefused(
          "[info_nce] q and queue must have one width; got q: f32[2,3], k: f32[2,3], queue:"
              + " f32[5,4]",
          () -> a.infoNce(a, wide, 1));
      assertRefused(
          "[info_nce] temperature must be a number above 0; got 0.0", () -> a.infoNce(a, b, 0));
      assertRefused(
          "[cosine_regression] x and y must have one shape [B, D]; got x: f32[2,3], y: f32[3,3]",
          () -> a.cosineRegression(b, 1e-12));
      assertRefused(
          "[cosine_regression] eps must be positive; got 0.0", () -> a.cosineRegression(a, 0));
    }
  }

  private static void assertRefused(String message, Runnable call) {
    IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, call::run);
    assertEquals(message, thrown.getMessage());
  }
}
