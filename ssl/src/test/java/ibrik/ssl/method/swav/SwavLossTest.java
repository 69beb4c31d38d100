package ibrik.ssl.method.swav;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.GradCheck;
import ibrik.autograd.Tape;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.MultiCrop;
import ibrik.tensor.Device;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SwavLossTest extends MethodTest {
  /// One image, two views, two prototypes, t = 1: scores (ln 3, 0) predict (3/4, 1/4), scores (0,
  /// 0) predict (1/2, 1/2); codes (1, 0) and (0, 1). View 1's code costs ln 2 in view 2, view 2's
  /// costs ln 4 in view 1.
  @Test
  void byHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor scores = Tensor.of(new double[] {Math.log(3), 0, 0, 0}, 2, 2);
      Tensor one = Tensor.of(new double[] {1, 0}, 1, 2);
      Tensor two = Tensor.of(new double[] {0, 1}, 1, 2);
      try (Tape.Run run = Tape.record(() -> SwavLoss.of(scores, List.of(one, two), 2, 1))) {
        assertEquals((Math.log(2) + Math.log(4)) / 2, run.value().item(), 1e-12);
        // half of (prediction - code) of the other view
        assertArrayEquals(
            new double[] {0.375, -0.375, -0.25, 0.25},
            run.gradients(List.of(scores)).getFirst().toDoubles(),
            1e-12);
      }
    }
  }

  private static List<Tensor> codes(Tensor scores, int batch) {
    return List.of(
        scores.narrow(0, 0, batch).sinkhornKnopp(0.5, 3),
        scores.narrow(0, batch, batch).sinkhornKnopp(0.5, 3));
  }

  /// Three views, two with codes; numbers of a separate program that follows the official order of
  /// the divisions, in exponentials.
  @Test
  void fixture() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor scores = waves(0.2, 12, 3);
      List<Tensor> codes = codes(scores, 4);
      assertArrayEquals(
          new double[] {
            0.19208953068914292, 0.6906899927647803, 0.11722047654607672,
            0.13964508451281457, 0.11129758355910993, 0.7490573319280754,
            0.877830430346566, 0.11326429752361829, 0.008905272129815478,
            0.051117220759385726, 0.4184765698352643, 0.5304062094053499
          },
          codes.getFirst().toDoubles(),
          1e-12);
      try (Tape.Run run = Tape.record(() -> SwavLoss.of(scores, codes, 3, 0.5))) {
        assertEquals(2.1764947245300106, run.value().item(), 1e-12);
        double[] g = run.gradients(List.of(scores)).getFirst().toDoubles();
        assertEquals(-0.033111646535743944, g[0], 1e-8);
        assertEquals(0.05033257788333856, g[16], 1e-8);
        assertEquals(0.11383498210726373, g[35], 1e-8);
      }
    }
  }

  @Test
  void gradientCheck() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor scores = normal64(0, 9, 4);
      List<Tensor> codes = codes(scores, 3);
      for (long seed : new long[] {1, 2}) {
        GradCheck check =
            GradCheck.of(s -> SwavLoss.of(s.getFirst(), codes, 3, 0.3)).on(Device.CPU);
        check.firstOrder(List.of(scores), seed).orThrow();
        check.secondOrder(List.of(scores), seed).orThrow();
      }
    }
  }

  /// Views with their codes, images, prototypes and a shift of all scores of a row.
  @Test
  void whatDoesNotMatter() {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> v = List.of(normal64(0, 4, 3), normal64(1, 4, 3), normal64(2, 4, 3));
      List<Tensor> q = List.of(v.get(0).sinkhornKnopp(1, 3), v.get(1).sinkhornKnopp(1, 3));
      double loss = SwavLoss.of(LayoutOps.concat(0, v), q, 3, 0.5).item();
      Tensor swapped = LayoutOps.concat(0, List.of(v.get(1), v.get(0), v.get(2)));
      assertEquals(loss, SwavLoss.of(swapped, q.reversed(), 3, 0.5).item(), 1e-12);
      Tensor rolled = LayoutOps.concat(0, v.stream().map(MethodTest::rolled).toList());
      List<Tensor> codes = q.stream().map(MethodTest::rolled).toList();
      assertEquals(loss, SwavLoss.of(rolled, codes, 3, 0.5).item(), 1e-12);
      assertTrue(Math.abs(loss - SwavLoss.of(rolled, q, 3, 0.5).item()) > 1e-3);
      Tensor shifted = LayoutOps.concat(0, v).add(waves(0, 12, 1));
      assertEquals(loss, SwavLoss.of(shifted, q, 3, 0.5).item(), 1e-12);
    }
  }

  /// Equal features have codes 1/K and a loss of ln K: the sign of a collapse.
  @Test
  void collapseIsTheLogarithm() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor same = Tensor.of(new double[40], 8, 5).add(0.3);
      List<Tensor> codes = codes(same, 4);
      for (double code : codes.getFirst().toDoubles()) {
        assertEquals(0.2, code, 1e-12);
      }
      assertEquals(Math.log(5), SwavLoss.of(same, codes, 2, 0.1).item(), 1e-12);
    }
  }

  /// Largest distance of a prototype's mass from its share of the rows, `B / K`.
  private static double unevenness(Tensor codes) {
    double share = (double) codes.dim(0) / codes.dim(1);
    return codes.sum(List.of(0), false).sub(share).abs().max().item();
  }

  /// Rows sum to 1, columns come nearer to B/K with each iteration, and a shift of all scores
  /// changes nothing.
  @Test
  void marginals() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor scores =
          normal64(0, 32, 4).l2Normalize().matMul(normal64(1, 8, 4).l2Normalize(), false, true);
      double last = Double.POSITIVE_INFINITY;
      for (int iterations : new int[] {1, 3, 10, 40}) {
        Tensor codes = scores.sinkhornKnopp(0.05, iterations);
        for (double sum : codes.sum(List.of(1), false).toDoubles()) {
          assertEquals(1, sum, 1e-12);
        }
        double now = unevenness(codes);
        assertTrue(now < last, iterations + " iterations: " + now + " after " + last);
        last = now;
        assertArrayEquals(
            codes.toDoubles(), scores.add(0.7).sinkhornKnopp(0.05, iterations).toDoubles(), 1e-9);
      }
      // Without the even use of prototypes a few take all.
      assertTrue(unevenness(scores.div(0.05).softmax()) > 10 * last);
    }
  }

  /// Codes that need not use prototypes evenly end in few of them (section 3.1); even ones do not.
  @Test
  void withoutEvenUseFewPrototypesRemain() {
    double even = prototypesInUse(scores -> scores.sinkhornKnopp(0.05, 3));
    double free = prototypesInUse(scores -> scores.div(0.05).softmax());
    assertTrue(free < 0.5 * 8, "free " + free);
    assertTrue(even > 0.8 * 8, "even " + even);
  }

  /// Perplexity of the mean code of 32 images after training a linear map and 8 prototypes on two
  /// noisy views, plain gradient descent.
  private static double prototypesInUse(UnaryOperator<Tensor> coding) {
    int batch = 32;
    int prototypes = 8;
    double[] map = normal(1, 4 * 6);
    double[] centres = normal(2, prototypes * 4);
    try (TensorScope _ = TensorScope.open()) {
      Tensor images = normal64(0, batch, 6);
      for (int step = 0; step < 300; step++) {
        try (TensorScope _ = TensorScope.open()) {
          Tensor w = Tensor.of(map, 4, 6);
          Tensor c = Tensor.of(centres, prototypes, 4).l2Normalize();
          Tensor one = images.add(normal64(10 + 2L * step, batch, 6).mul(0.3));
          Tensor other = images.add(normal64(11 + 2L * step, batch, 6).mul(0.3));
          Tensor views = LayoutOps.concat(0, List.of(one, other));
          try (Tape.Run run =
              Tape.record(
                  () -> {
                    Tensor scores =
                        views.matMul(w, false, true).l2Normalize().matMul(c, false, true);
                    List<Tensor> codes =
                        Tape.pause(() -> MultiCrop.split(scores, 2).stream().map(coding).toList());
                    return SwavLoss.of(scores, codes, 2, 0.1);
                  })) {
            List<Tensor> gradients = run.gradients(List.of(w, c));
            map = w.sub(gradients.get(0).mul(0.5)).toDoubles();
            centres = c.sub(gradients.get(1).mul(0.5)).toDoubles();
          }
        }
      }
      Tensor c = Tensor.of(centres, prototypes, 4).l2Normalize();
      Tensor z = images.matMul(Tensor.of(map, 4, 6), false, true).l2Normalize();
      Tensor mean = coding.apply(z.matMul(c, false, true)).mean(List.of(0), false);
      double[] p = mean.toDoubles();
      return Math.exp(-Arrays.stream(p).map(x -> x > 0 ? x * Math.log(x) : 0).sum());
    }
  }

  private static double[] normal(long stream, int count) {
    try (TensorScope _ = TensorScope.open()) {
      return normal64(stream, count).toDoubles();
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void temperatureMustBePositive(double temperature) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor scores = normal64(0, 4, 3);
      rejects(
          "[swav_loss] temperature must be a number above 0; got " + temperature,
          () -> SwavLoss.of(scores, codes(scores, 2), 2, temperature));
    }
  }

  @Test
  void shapesMustFit() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor scores = normal64(0, 5, 3);
      rejects(
          "[swav_loss] needs scores [V B, K] of V >= 2 views and 1 to V codes [B, K]; got scores:"
              + " f64[5,3], codes: [f64[2,3]], V: 2",
          () -> SwavLoss.of(scores, List.of(normal64(1, 2, 3)), 2, 1));
    }
  }
}
