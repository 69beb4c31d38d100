package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.random.PhiloxStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Codes by Sinkhorn-Knopp against values worked out in f64 from the definition.
class SinkhornTest {
  private static final double[] COSINES = {.9, .1, 0, .8, .3, -.2, .7, .2, .1, .1, .6, .5};

  private long before;

  @BeforeEach
  void count() {
    before = Backends.of(Device.CPU).memory(0).liveBytes();
  }

  @AfterEach
  void noLeak() {
    assertEquals(before, Backends.of(Device.CPU).memory(0).liveBytes(), "bytes leaked");
  }

  /// Scores `[rows, ...]`, epsilon, iterations, codes.
  record Vector(double[] scores, int rows, double epsilon, int iterations, double... codes) {}

  private static Stream<Arguments> vectors() {
    double[] logs = {Math.log(1), Math.log(2), Math.log(3), Math.log(4)};
    List<Vector> vectors =
        List.of(
            new Vector(logs, 2, 1, 1, 3 / 7., 4 / 7., 9 / 17., 8 / 17.),
            new Vector(logs, 2, 1, 2, .44927536, .55072464, .55029586, .44970414),
            new Vector(logs, 2, 1, 3, .44948755, .55051245, .55050807, .44949193),
            new Vector(
                COSINES, 4, .05, 1, .999895, .000052, .000052, .979358, .020635, .000007, .959517,
                .020217, .020267, 0, .499381, .500618),
            new Vector(
                COSINES, 4, .05, 3, .997567, .001118, .001315, .688583, .311294, .000123, .504084,
                .227886, .268029, 0, .459526, .540474),
            new Vector(
                COSINES, 4, .05, 50, .977469, .006935, .015596, .258768, .740673, .000559, .097096,
                .277919, .624985, 0, .307806, .692194),
            new Vector(
                COSINES, 4, .25, 3, .594303, .173202, .232495, .448462, .433936, .117602, .306142,
                .296226, .397632, .008016, .423503, .568480),
            // e^-200 is no float: only logarithms get there.
            new Vector(new double[] {1, -1, 1, -1}, 2, .01, 3, .5, .5, .5, .5));
    return Stream.of(Device.CPU, Device.REFERENCE)
        .flatMap(
            device ->
                Stream.of(DType.F32, DType.F64)
                    .flatMap(t -> vectors.stream().map(v -> Arguments.of(v, t, device))));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void knownCodes(Vector v, DType dtype, Device device) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor scores = Tensor.of(v.scores, v.scores.length).cast(dtype).to(device);
      Tensor codes = scores.reshape(v.rows, -1).sinkhornKnopp(v.epsilon, v.iterations);
      assertArrayEquals(v.codes, codes.toDoubles(), 1e-5);
    }
  }

  /// The paper's three iterations leave prototypes far from even use.
  @Test
  void massOfThePrototypes() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor scores = Tensor.of(COSINES, 4, 3).cast(DType.F32);
      double[] mass = scores.sinkhornKnopp(.05, 3).sum(List.of(0), false).toDoubles();
      assertArrayEquals(new double[] {2.190235, .999825, .809941}, mass, 1e-5);
    }
  }

  /// The maximum of each sample in place of the maximum of all is another algorithm.
  @Test
  void oneConstantForAllSamplesOnly() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor scores = Tensor.of(COSINES, 4, 3).cast(DType.F32);
      double[] codes = scores.sinkhornKnopp(.05, 3).toDoubles();
      assertArrayEquals(codes, scores.add(0.5).sinkhornKnopp(.05, 3).toDoubles(), 1e-5);
      Tensor perSample = scores.sub(scores.max(List.of(1), true)).sinkhornKnopp(.05, 3);
      assertEquals(.995142, perSample.toDoubles()[3], 1e-5);
      assertEquals(.688583, codes[3], 1e-5);
    }
  }

  /// Marginals: rows sum to 1 always, columns to B/K with many iterations; codes are positive.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void marginals(int seed) {
    PhiloxStream random = new PhiloxStream(seed, 0);
    int samples = 1 + random.nextInt(60);
    int prototypes = 1 + random.nextInt(60);
    double epsilon = 0.2 + random.nextDouble();
    double[] values = new double[samples * prototypes];
    Arrays.setAll(values, i -> 2 * random.nextDouble() - 1);
    try (TensorScope _ = TensorScope.open()) {
      Tensor scores = Tensor.of(values, samples, prototypes).cast(DType.F32);
      double last = Double.POSITIVE_INFINITY;
      for (int iterations : new int[] {1, 3, 200}) {
        Tensor codes = scores.sinkhornKnopp(epsilon, iterations);
        for (double code : codes.toDoubles()) {
          assertTrue(code > 0 && code <= 1 + 1e-6, () -> "code " + code);
        }
        for (double row : codes.sum(List.of(1), false).toDoubles()) {
          assertEquals(1, row, 1e-5);
        }
        double even = (double) samples / prototypes;
        double off = 0;
        for (double column : codes.sum(List.of(0), false).toDoubles()) {
          off = Math.max(off, Math.abs(column - even));
        }
        assertTrue(off <= last + 1e-4 * even, "columns drift apart");
        last = off;
        assertTrue(iterations < 200 || off < 1e-3 * even, "off by " + off);
      }
    }
  }

  /// On both sides of the step to logarithms the codes go on smoothly.
  @Test
  void bothDomainsMeet() {
    PhiloxStream random = new PhiloxStream(3, 0);
    double[] values = new double[40 * 50];
    Arrays.setAll(values, i -> random.nextDouble());
    values[0] = 0;
    values[1] = 1;
    // The step: 1 / epsilon + ln 2000 = 80.
    double step = 1 / (80 - Math.log(2000));
    try (TensorScope _ = TensorScope.open()) {
      Tensor scores = Tensor.of(values, 40, 50).cast(DType.F32);
      for (double epsilon : new double[] {step * (1 - 1e-6), step * (1 + 1e-6)}) {
        Tensor want = scores.cast(DType.F64).sinkhornKnopp(epsilon, 3);
        assertArrayEquals(
            want.toDoubles(),
            scores.sinkhornKnopp(epsilon, 3).toDoubles(),
            2e-5,
            () -> "" + epsilon);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.5})
  void nanSpoilsEverything(double epsilon) {
    try (TensorScope _ = TensorScope.open()) {
      for (Device device : List.of(Device.CPU, Device.REFERENCE)) {
        Tensor scores = Tensor.of(new float[] {1, -1, Float.NaN, 0, 1, 2}, 3, 2).to(device);
        for (double code : scores.sinkhornKnopp(epsilon, 2).toDoubles()) {
          assertTrue(Double.isNaN(code));
        }
      }
    }
  }

  /// A pair that must not be matched keeps a code of 0.
  @Test
  void minusInfinityIsNeverChosen() {
    try (TensorScope _ = TensorScope.open()) {
      float never = Float.NEGATIVE_INFINITY;
      Tensor scores = Tensor.of(new float[] {never, 0, 0, 0, 0, 0}, 2, 3);
      double[] codes = scores.sinkhornKnopp(1, 40).toDoubles();
      assertEquals(0, codes[0]);
      assertArrayEquals(scores.to(Device.REFERENCE).sinkhornKnopp(1, 40).toDoubles(), codes, 1e-5);
    }
  }

  @Test
  void attributesAndShapesAreChecked() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor scores = Tensor.of(new float[] {1, 2}, 1, 2);
      assertRefused("epsilon must be a number above 0; got 0.0", () -> scores.sinkhornKnopp(0, 3));
      assertRefused(
          "epsilon must be a number above 0; got NaN", () -> scores.sinkhornKnopp(Double.NaN, 3));
      assertRefused("iterations must be at least 1; got 0", () -> scores.sinkhornKnopp(1, 0));
      assertRefused(
          "scores must have 2 axes; got scores: f32[2]",
          () -> scores.reshape(2).sinkhornKnopp(1, 1));
      assertRefused(
          "scores must be floating point; got scores: i32[1,2]; cast it with cast(DType.F32)",
          () -> scores.cast(DType.I32).sinkhornKnopp(1, 1));
    }
  }

  private static void assertRefused(String message, Runnable call) {
    IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, call::run);
    assertEquals("[sinkhorn_knopp] " + message, thrown.getMessage());
  }
}
