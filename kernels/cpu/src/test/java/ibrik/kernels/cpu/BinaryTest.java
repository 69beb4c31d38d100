package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.autograd.Tape;
import ibrik.spec.LiveBytes;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Binary.Signs;
import ibrik.tensor.op.Binary.Surrogate;
import ibrik.tensor.op.Binary.WeightGradient;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Signs and their gradients against numbers worked out by hand, on the kernels and on the scalar
/// reference. Rows are repeated, so that they meet vector bodies and scalar tails.
@ExtendWith(LiveBytes.class)
class BinaryTest {
  private static final float INF = Float.POSITIVE_INFINITY;
  private static final float NAN = Float.NaN;
  private static final int COPIES = 37;

  private static final float[] X = {-1.5f, -1, -.75f, -.25f, -0f, 0, .25f, .75f, 1, 1.5f};

  private static float[] repeat(float[] row) {
    float[] all = new float[row.length * COPIES];
    for (int i = 0; i < COPIES; i++) {
      System.arraycopy(row, 0, all, i * row.length, row.length);
    }
    return all;
  }

  /// Applies an elementwise op to repeated rows on every device; all rows must equal `want`.
  private static void check(Binary op, float[] want, float tolerance, float[]... rows) {
    for (Device device : List.of(Device.REFERENCE, Device.CPU)) {
      try (TensorScope _ = TensorScope.open()) {
        List<Tensor> in =
            Arrays.stream(rows).map(row -> Tensor.of(repeat(row)).to(device)).toList();
        float[] got = Interpreter.current().apply1(op, in).toFloats();
        assertArrayEquals(repeat(want), got, tolerance, op + " on " + device);
      }
    }
  }

  @Test
  void zeroAndNanAreOneInTwoSigns() {
    check(
        new Binary.SignBinarize(Signs.SIGN2, Surrogate.CLIP),
        new float[] {-1, -1, -1, -1, 1, 1, 1, 1, 1, 1, 1, -1, 1},
        0,
        concat(X, NAN, -INF, INF));
    check(
        new Binary.SignBinarize(Signs.SIGN3, Surrogate.CLIP),
        new float[] {-1, -1, -1, -1, 0, 0, 1, 1, 1, 1, NAN, -1, 1},
        0,
        concat(X, NAN, -INF, INF));
  }

  private static float[] concat(float[] row, float... more) {
    float[] all = Arrays.copyOf(row, row.length + more.length);
    System.arraycopy(more, 0, all, row.length, more.length);
    return all;
  }

  @Test
  void surrogates() {
    float[] ones = new float[X.length];
    Arrays.fill(ones, 1);
    float[] swish = {
      -.0303402097f,
      -.194992255f,
      -.354177551f,
      2.2620474f,
      5,
      5,
      2.2620474f,
      -.354177551f,
      -.194992255f,
      -.0303402097f
    };
    check(surrogate(Surrogate.CLIP), new float[] {0, 1, 1, 1, 1, 1, 1, 1, 1, 0}, 0, X, ones);
    check(surrogate(Surrogate.IDENTITY), ones, 0, X, ones);
    check(
        surrogate(Surrogate.APPROX),
        new float[] {0, 0, .5f, 1.5f, 2, 2, 1.5f, .5f, 0, 0},
        0,
        X,
        ones);
    check(surrogate(Surrogate.SWISH), swish, 2e-6f, X, ones);
  }

  private static Binary surrogate(Surrogate surrogate) {
    return new Binary.SignBinarizeBackward(surrogate);
  }

  /// Outside the mask an infinite or undefined cotangent gives 0, not NaN; so does an input that is
  /// no number.
  @Test
  void cotangentsAreSelected() {
    float[] x = {1.5f, -1.5f, 1, NAN, INF, -INF, 40, .5f};
    float[] dy = {INF, NAN, INF, 3, 3, NAN, -INF, INF};
    check(surrogate(Surrogate.CLIP), new float[] {0, 0, INF, 0, 0, 0, 0, INF}, 0, x, dy);
    check(surrogate(Surrogate.APPROX), new float[] {0, 0, 0, 0, 0, 0, 0, INF}, 0, x, dy);
    check(
        surrogate(Surrogate.SWISH),
        new float[] {0, 0, 0, 0},
        0,
        new float[] {NAN, INF, -INF, 40},
        new float[] {3, 3, NAN, -INF});
  }

  /// APPROX is the derivative of a polynomial that leads from -1 to 1.
  @Test
  void approxIsTheSlopeOfItsPolynomial() {
    double h = 1e-6;
    for (double x = -1.35; x < 1.4; x += .1) {
      double slope = (polynomial(x + h) - polynomial(x - h)) / (2 * h);
      try (TensorScope _ = TensorScope.open()) {
        Tensor at = Tensor.of(new double[] {x});
        Tensor one = Tensor.of(new double[] {1});
        Tensor got = Interpreter.current().apply1(surrogate(Surrogate.APPROX), List.of(at, one));
        assertEquals(slope, got.item(), 1e-8);
      }
    }
  }

  private static double polynomial(double x) {
    return x < -1 ? -1 : x < 0 ? 2 * x + x * x : x < 1 ? 2 * x - x * x : 1;
  }

  @ParameterizedTest
  @EnumSource(WeightGradient.class)
  void scaledWeights(WeightGradient gradient) {
    float[] w = {-1.5f, -.5f, .25f, 1};
    float[] g = {1, 2, -1, .5f};
    double[] want =
        switch (gradient) {
          case REACTNET -> new double[] {0, 2, -1, .5};
          case BURN -> new double[] {.8125, 1.625, -.8125, .40625};
          case XNOR -> new double[] {.25, 2.125, -1.0625, .53125};
          case EXACT -> new double[] {.875, 2.5, -1.6875, -.46875};
        };
    for (Device device : List.of(Device.REFERENCE, Device.CPU)) {
      try (TensorScope _ = TensorScope.open()) {
        // The second filter is the first times -1, so its gradient is turned with it.
        Tensor both = Tensor.of(concat(w, 1.5f, .5f, -.25f, -1), 2, 2, 1, 2).to(device);
        Tensor cotangent = Tensor.of(concat(g, -1, -2, 1, -.5f), 2, 2, 1, 2).to(device);
        try (Tape.Run run =
            Tape.record(() -> both.binarizeWeights(Signs.SIGN2, gradient).mul(cotangent).sum())) {
          double[] value = run.nodes().getFirst().out().getFirst().toDoubles();
          assertArrayEquals(
              new double[] {-.8125, -.8125, .8125, .8125, .8125, .8125, -.8125, -.8125}, value);
          double[] got = run.gradients(List.of(both)).getFirst().toDoubles();
          assertArrayEquals(want, Arrays.copyOf(got, 4));
          for (int i = 0; i < 4; i++) {
            assertEquals(0 - want[i], got[4 + i]);
          }
        }
      }
    }
  }

  /// With EXACT the gradient is that of the function whose sign is clipped to the identity.
  @Test
  void exactIsTheChainRule() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor w = Tensor.of(new double[] {-1.5, -.5, .25, 1.25, .75, -.3}, 2, 3);
      Tensor g = Tensor.of(new double[] {1, 2, -1, .5, -3, .7}, 2, 3);
      try (Tape.Run exact =
              Tape.record(() -> w.binarizeWeights(Signs.SIGN2, WeightGradient.EXACT).mul(g).sum());
          Tape.Run parts =
              Tape.record(
                  () ->
                      w.signBinarize(Signs.SIGN2, Surrogate.CLIP)
                          .mul(w.abs().mean(List.of(1), true))
                          .mul(g)
                          .sum())) {
        assertArrayEquals(
            parts.gradients(List.of(w)).getFirst().toDoubles(),
            exact.gradients(List.of(w)).getFirst().toDoubles(),
            1e-14);
      }
    }
  }

  @Test
  void leakyRectifierWithShifts() {
    for (Device device : List.of(Device.REFERENCE, Device.CPU)) {
      try (TensorScope _ = TensorScope.open()) {
        Tensor x = Tensor.of(new float[] {-2, -.5f, 0, 1}, 4, 1).to(device);
        Tensor y = x.rPRelu(channel(.5f, device), channel(.25f, device), channel(-.1f, device));
        assertArrayEquals(new float[] {-.475f, -.1f, .4f, 1.4f}, y.toFloats(), 1e-7f);
      }
    }
  }

  private static Tensor channel(float value, Device device) {
    return Tensor.of(new float[] {value}, 1).to(device);
  }

  /// The shift gets the sum of what x gets; the sign is taken after adding in f32.
  @ParameterizedTest
  @EnumSource(Surrogate.class)
  void shiftedSigns(Surrogate surrogate) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(repeat(X), COPIES, 2, X.length / 2);
      Tensor shift = Tensor.of(new float[] {.5f, -.3f, 0, 1e-9f, -.25f});
      Tensor weight = x.mul(3).add(1);
      try (Tape.Run fused =
              Tape.record(() -> x.rSign(shift, Signs.SIGN2, surrogate).mul(weight).sum());
          Tape.Run parts =
              Tape.record(
                  () -> x.add(shift).signBinarize(Signs.SIGN2, surrogate).mul(weight).sum())) {
        assertEquals(parts.value().item(), fused.value().item());
        List<Tensor> got = fused.gradients(List.of(x, shift));
        List<Tensor> want = parts.gradients(List.of(x, shift));
        assertArrayEquals(want.get(0).toFloats(), got.get(0).toFloats());
        assertArrayEquals(want.get(1).toFloats(), got.get(1).toFloats(), 1e-3f);
      }
    }
  }

  @Test
  void wrongArgumentsSayWhatIsWrong() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[6], 2, 3);
      Tensor two = Tensor.of(new float[2]);
      assertMessage(
          "[rsign] shift must be f32[3], as the last axis of x; got x: f32[2,3], shift: f32[2]",
          () -> x.rSign(two, Signs.SIGN2, Surrogate.CLIP));
      assertMessage(
          "[rprelu] before, slope and after must be f32[3], as the last axis of x; got x: f32[2,3],"
              + " before: f32[2], slope: f32[2], after: f32[2]",
          () -> x.rPRelu(two, two, two));
      assertMessage(
          "[binarize_weights] w must have at least 2 axes, the first one the filters; got w:"
              + " f32[2]",
          () -> two.binarizeWeights(Signs.SIGN2, WeightGradient.BURN));
      assertMessage(
          "[sign_binarize_backward] x and dy must have one type and shape; got x: f32[2,3], dy:"
              + " f32[2]",
          () ->
              Interpreter.current()
                  .apply1(new Binary.SignBinarizeBackward(Surrogate.CLIP), List.of(x, two)));
    }
  }

  private static void assertMessage(String text, org.junit.jupiter.api.function.Executable body) {
    assertEquals(text, assertThrows(IllegalArgumentException.class, body).getMessage());
  }
}
