package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.autograd.Tape;
import ibrik.spec.LiveBytes;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.QuantGrid;
import ibrik.tensor.op.Quantize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Fake quantisation against numbers worked out by hand or in exact arithmetic, on the kernels and
/// on the scalar reference. Each row is repeated, so that it meets vector bodies and scalar tails.
@ExtendWith(LiveBytes.class)
class FakeQuantizeTest {
  private static final float INF = Float.POSITIVE_INFINITY;
  private static final float NAN = Float.NaN;

  /// An odd number of copies: vector bodies, then a tail.
  private static final int COPIES = 37;

  private static float[] repeat(float[] row) {
    float[] all = new float[row.length * COPIES];
    for (int i = 0; i < COPIES; i++) {
      System.arraycopy(row, 0, all, i * row.length, row.length);
    }
    return all;
  }

  private static float[] floats(double... values) {
    float[] all = new float[values.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) values[i];
    }
    return all;
  }

  /// The integers behind values on the grid.
  private static int[] integers(Tensor xhat, double scale, double zero) {
    return Arrays.stream(xhat.toDoubles())
        .mapToInt(v -> (int) Math.rint(v / scale + zero))
        .toArray();
  }

  /// Runs the op on repeated rows on both devices, checks that the bits agree, gives one row.
  private static float[][] run(Function<List<Tensor>, List<Tensor>> op, float[]... inputs) {
    float[][] result = null;
    int row = inputs[0].length;
    for (Device device : List.of(Device.REFERENCE, Device.CPU)) {
      try (TensorScope _ = TensorScope.open()) {
        List<Tensor> in = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
          boolean parameter = inputs[i].length == 1;
          in.add(
              (parameter ? Tensor.scalar(inputs[i][0]) : Tensor.of(repeat(inputs[i]))).to(device));
        }
        List<Tensor> out = op.apply(in);
        float[][] got = new float[out.size()][];
        for (int i = 0; i < got.length; i++) {
          float[] all = out.get(i).toFloats();
          got[i] = all.length == 1 ? all : Arrays.copyOf(all, row);
          if (all.length > 1) {
            assertArrayEquals(repeat(got[i]), all, "copies differ on " + device);
          }
        }
        for (int i = 0; result != null && i < got.length; i++) {
          // Sums differ in their last digits.
          assertArrayEquals(
              result[i], got[i], got[i].length == 1 ? Math.abs(got[i][0]) * 1e-5f : 0);
        }
        result = got;
      }
    }
    return result;
  }

  /// q of the affine form and the mask that its gradient shows, with an infinite cotangent outside.
  private static void affine(
      QuantGrid grid, float scale, float zero, float[] x, int[] q, int[] mask) {
    float[][] y =
        run(
            in -> List.of(in.get(0).fakeQuantize(in.get(1), in.get(2), grid)),
            x,
            new float[] {scale},
            new float[] {zero});
    float[] want = new float[q.length];
    float[] cotangent = new float[q.length];
    float[] passed = new float[q.length];
    for (int i = 0; i < q.length; i++) {
      want[i] = (q[i] - zero) * scale;
      cotangent[i] = mask[i] == 1 ? 2.5f + i : i % 2 == 0 ? INF : NAN;
      passed[i] = mask[i] == 1 ? 2.5f + i : 0;
    }
    assertArrayEquals(want, y[0]);
    float[][] dx =
        run(
            in ->
                List.of(
                    Interpreter.current().apply1(new Quantize.FakeQuantizeBackward(grid, 0), in)),
            x,
            new float[] {scale},
            new float[] {zero},
            cotangent);
    assertArrayEquals(passed, dx[0]);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tiesBoundsAndNumbersThatAreNone(boolean divide) {
    QuantGrid grid = divide ? QuantGrid.signed(8).dividing() : QuantGrid.signed(8);
    if (!divide) { // 0.05 / 0.1f is not a tie, 0.05 * (1 / 0.1f) is
      affine(
          grid,
          0.1f,
          0,
          floats(0, .05, .15, .25, .35, -.05, -.15, 12.7, 12.74, 12.76, -12.8, -12.86, 1e9),
          new int[] {0, 0, 2, 2, 4, 0, -2, 127, 127, 127, -128, -128, 127},
          new int[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0});
    }
    affine(
        grid,
        0.1f,
        0,
        new float[] {INF, -INF, NAN, 1e9f, -1e9f, 12.7f},
        new int[] {127, -128, -128, 127, -128, 127},
        new int[] {0, 0, 0, 0, 0, 1});
  }

  @Test
  void twoTenthsIsTheFloatOfTwoSteps() {
    float[][] y =
        run(
            in -> List.of(in.get(0).fakeQuantize(in.get(1), in.get(2), QuantGrid.signed(8))),
            floats(.15, .25),
            new float[] {.1f},
            new float[] {0});
    assertEquals(0.20000000298f, y[0][0]);
    assertEquals(0.20000000298f, y[0][1]);
  }

  @Test
  void theZeroPointBeforeOrAfterRoundingDiffersOnTies() {
    float[] x = floats(-2, -1.75, -1.5, -1.25, -.75, -.25, 0, .25, .75, 1.25, 5.75, 6, 6.25, 6.5);
    int[] after = {0, 0, 0, 1, 1, 3, 3, 3, 5, 5, 15, 15, 15, 15};
    int[] afterMask = {0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0};
    int[] first = {0, 0, 0, 0, 2, 2, 3, 4, 4, 6, 14, 15, 15, 15};
    int[] firstMask = {0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0};
    QuantGrid grid = QuantGrid.unsigned(4);
    for (QuantGrid way : List.of(grid, grid.dividing())) { // 0.5 and 2 are exact
      affine(way, .5f, 3, x, after, afterMask);
      affine(way.addingZeroFirst(), .5f, 3, x, first, firstMask);
    }
  }

  @Test
  void aScaleOfZeroGivesZerosAndNoGradient() {
    float[] x = {0, -0f, 1, -1, INF, NAN};
    for (QuantGrid grid : List.of(QuantGrid.signed(8), QuantGrid.signed(8).dividing())) {
      float[][] y =
          run(
              in -> List.of(in.get(0).fakeQuantize(in.get(1), in.get(2), grid)),
              x,
              new float[] {0},
              new float[] {0});
      for (float value : y[0]) {
        assertEquals(0, Math.abs(value));
      }
      float[][] dx =
          run(
              in ->
                  List.of(
                      Interpreter.current().apply1(new Quantize.FakeQuantizeBackward(grid, 0), in)),
              x,
              new float[] {0},
              new float[] {0},
              new float[] {1, 1, 1, 1, 1, 1});
      assertArrayEquals(new float[6], dx[0]);
    }
  }

  @Test
  void weightsAsSsqlQuantisesThem() {
    ssql(2, floats(-1.5, -.5, 0, .5, 1, 1.5), new int[] {-2, 0, 0, 0, 1, 1});
    ssql(3, floats(-3.5, -2.5, -.5, 1.5, 2.5, 3.5), new int[] {-4, -2, 0, 2, 2, 3});
    ssql(4, floats(-7.5, -4.5, -3.5, 0, 2.5, 7.5), new int[] {-8, -4, -4, 0, 2, 7});
  }

  private static void ssql(int bits, float[] w, int[] q) {
    affine(QuantGrid.signed(bits).dividing(), 1, 0, w, q, new int[] {1, 1, 1, 1, 1, 0});
  }

  @Test
  void activationsAsSsqlQuantisesThem() {
    float[] x = floats(-.4, -.1, 0, .25, .8, 1.1);
    try (TensorScope _ = TensorScope.open()) {
      Tensor two =
          Tensor.of(x)
              .fakeQuantize(
                  Tensor.scalar(.5f), Tensor.scalar(1f), QuantGrid.unsigned(2).dividing());
      assertArrayEquals(new int[] {0, 1, 1, 1, 3, 3}, integers(two, .5, 1));
      Tensor four =
          Tensor.of(x)
              .fakeQuantize(
                  Tensor.scalar(.1f), Tensor.scalar(4f), QuantGrid.unsigned(4).dividing());
      assertArrayEquals(new int[] {0, 3, 4, 6, 12, 15}, integers(four, .1, 4));
    }
  }

  /// The scale as a function of the weights: the gradient leaks to the weight that sets it.
  @Test
  void theScaleOfSsqlLeaksToTheLargestWeight() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor w = Tensor.of(floats(.9, -.2, .4));
      Tensor zero = Tensor.scalar(0f);
      QuantGrid grid = QuantGrid.signed(4).dividing();
      try (Tape.Run run =
          Tape.record(() -> w.fakeQuantize(w.abs().max().div(7.5), zero, grid).sum())) {
        assertArrayEquals(
            new double[] {.8444444, 1, 1}, run.gradients(List.of(w)).getFirst().toDoubles(), 1e-6);
      }
      Tensor scale = Tensor.scalar(.12f);
      try (Tape.Run run = Tape.record(() -> w.fakeQuantize(scale, zero, grid).sum())) {
        List<Tensor> all = run.gradients(List.of(w, scale));
        assertArrayEquals(new double[] {0, 1, 1}, all.get(0).toDoubles());
        assertEquals(6.3333333, all.get(1).item(), 1e-5);
      }
    }
  }

  @Test
  void learnedScaleAndZeroPoint() {
    float[] x = floats(-3, -.6, 0, .4, .9, 5);
    double[] dscale = {-1, .2, 0, .2, .2, 6};
    double[] dzero = {-.5, 0, 0, 0, 0, -.5};
    QuantGrid grid = QuantGrid.unsigned(3);
    try (TensorScope _ = TensorScope.open()) {
      for (double factor : new double[] {1, 1 / Math.sqrt(42)}) {
        // One channel per element shows the terms; one for all shows the sums.
        Tensor each = Tensor.of(x);
        Tensor scales = Tensor.of(floats(.5, .5, .5, .5, .5, .5));
        Tensor zeros = Tensor.of(floats(1, 1, 1, 1, 1, 1));
        try (Tape.Run run =
            Tape.record(() -> each.learnedFakeQuantize(scales, zeros, grid, 0, factor).sum())) {
          List<Tensor> all = run.gradients(List.of(each, scales, zeros));
          assertArrayEquals(new double[] {0, 1, 1, 1, 1, 0}, all.get(0).toDoubles());
          for (int i = 0; i < 6; i++) {
            assertEquals(dscale[i] * factor, all.get(1).toDoubles()[i], 1e-6);
            assertEquals(dzero[i] * factor, all.get(2).toDoubles()[i], 1e-6);
          }
        }
        Tensor scale = Tensor.scalar(.5f);
        Tensor zero = Tensor.scalar(1f);
        try (Tape.Run run =
            Tape.record(() -> each.learnedFakeQuantize(scale, zero, grid, 0, factor).sum())) {
          List<Tensor> all = run.gradients(List.of(each, scale, zero));
          assertEquals(factor == 1 ? 5.6 : .86409876, all.get(1).item(), 1e-6);
          assertEquals(-factor, all.get(2).item(), 1e-6);
        }
      }
    }
  }

  /// The zero point goes to the nearest even integer on ties and is held in the grid; the scale
  /// does not fall below 2^-23.
  @Test
  void learnedParametersAreHeldInRange() {
    try (TensorScope _ = TensorScope.open()) {
      QuantGrid grid = QuantGrid.unsigned(3);
      Tensor x = Tensor.of(floats(0, 1, 20));
      for (double[] zero : new double[][] {{2.5, 2}, {-.7, 0}, {9, 7}}) {
        Tensor got =
            x.learnedFakeQuantize(Tensor.scalar(.5f), Tensor.scalar((float) zero[0]), grid, 0, 1);
        Tensor want = x.fakeQuantize(Tensor.scalar(.5f), Tensor.scalar((float) zero[1]), grid);
        assertArrayEquals(want.toFloats(), got.toFloats());
      }
      Tensor tiny = x.learnedFakeQuantize(Tensor.scalar(-1f), Tensor.scalar(0f), grid, 0, 1);
      assertArrayEquals(new float[] {0, 7 * 0x1p-23f, 7 * 0x1p-23f}, tiny.toFloats());
    }
  }

  @Test
  void learnedStepSize() {
    float[] x = floats(-2.2, -.9, -.1, .3, .74, 1.9);
    QuantGrid grid = QuantGrid.signed(3).dividing();
    try (TensorScope _ = TensorScope.open()) {
      Tensor each = Tensor.of(x);
      Tensor scales = Tensor.of(floats(.5, .5, .5, .5, .5, .5));
      assertArrayEquals(
          new int[] {-4, -2, 0, 1, 1, 3}, integers(each.lsqQuantize(scales, grid, 0, 1), .5, 0));
      try (Tape.Run run = Tape.record(() -> each.lsqQuantize(scales, grid, 0, 1).sum())) {
        List<Tensor> all = run.gradients(List.of(each, scales));
        assertArrayEquals(new double[] {0, 1, 1, 1, 1, 0}, all.get(0).toDoubles());
        assertArrayEquals(new double[] {-4, -.2, .2, .4, -.48, 3}, all.get(1).toDoubles(), 1e-6);
      }
      Tensor scale = Tensor.scalar(.5f);
      double factor = 1 / Math.sqrt(6 * 3);
      try (Tape.Run run = Tape.record(() -> each.lsqQuantize(scale, grid, 0, factor).sum())) {
        assertEquals(-.25455844, run.gradients(List.of(scale)).getFirst().item(), 1e-6);
      }
    }
  }

  /// The mask of learned step size is open and on the unrounded ratio: the bounds themselves, and
  /// what rounds to them from outside, pass nothing and count as clipped.
  @Test
  void learnedStepSizeAtItsBounds() {
    QuantGrid grid = QuantGrid.signed(3).dividing();
    float[] x = {-2, -1.875f, -2.125f, 1.5f, 1.375f, 1.625f, NAN, INF, -INF};
    float[] dy = {1, 2, 4, 8, 16, 32, 64, 128, 256};
    float[][] d =
        run(
            in -> Interpreter.current().apply(new Quantize.LsqQuantizeBackward(grid, 0, 1), in),
            x,
            new float[] {.5f},
            dy);
    assertArrayEquals(new float[] {0, 2, 0, 0, 16, 0, 0, 0, 0}, d[0]);
    double sum = -4 * (1 + 4 + 64 + 256) + 3 * (8 + 32 + 128); // clipped: the bounds
    sum += 2 * (-4 + 3.75) + 16 * (3 - 2.75); // inside: round(r) - r
    assertEquals(sum * COPIES, d[1][0], 1e-2);
  }

  @Test
  void parameterisedClipping() {
    float[] x = floats(-.5, 0, .3, .9, 1.4, 1.9, 2, 3, NAN, INF, -INF);
    float[][] y = run(in -> List.of(in.get(0).pactQuantize(in.get(1), 3)), x, new float[] {2});
    assertArrayEquals(floats(0, 0, 0, 2 / 3.0, 4 / 3.0, 2, 2, 2, 0, 2, 0), y[0], 1e-6f);
    float[][] d =
        run(
            in -> Interpreter.current().apply(new Quantize.PactQuantizeBackward(), in),
            x,
            new float[] {2},
            new float[] {NAN, 2, 3, 4, 5, 6, 7, 8, INF, 9, NAN});
    assertArrayEquals(new float[] {0, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0}, d[0]);
    assertEquals((7 + 8 + 9) * COPIES, d[1][0], 1e-2);
  }

  /// The conventions are the chain rule with `round(r) - r` held constant. In f64, so that only a
  /// wrong rule can differ.
  @Test
  void gradientsAreThoseWithRoundingAsTheIdentity() {
    QuantGrid grid = QuantGrid.signed(3).dividing();
    try (TensorScope _ = TensorScope.open()) {
      double[] values = new double[60];
      for (int i = 0; i < values.length; i++) {
        values[i] = 4 * Math.sin(1.7 * i + .3);
      }
      Tensor x = Tensor.of(values, 5, 12);
      Tensor scale = Tensor.of(new double[] {.3, .8, .5, 1.1, .25});
      Tensor zero = Tensor.scalar(0.0);
      Tensor weight = Tensor.of(values, 5, 12).cos();
      try (Tape.Run fused =
              Tape.record(() -> x.fakeQuantize(scale, zero, grid, 0).mul(weight).sum());
          Tape.Run spelled =
              Tape.record(
                  () -> {
                    Tensor s = scale.reshape(5, 1);
                    Tensor r = x.div(s);
                    Tensor q = r.add(r.round().sub(r).detach());
                    return q.clamp(grid.low(), grid.high()).mul(s).mul(weight).sum();
                  })) {
        assertEquals(spelled.value().item(), fused.value().item(), 1e-12);
        List<Tensor> got = fused.gradients(List.of(x, scale));
        List<Tensor> want = spelled.gradients(List.of(x, scale));
        assertArrayEquals(want.get(0).toDoubles(), got.get(0).toDoubles(), 1e-12);
        assertArrayEquals(want.get(1).toDoubles(), got.get(1).toDoubles(), 1e-12);
      }
    }
  }

  @Test
  void wrongArgumentsSayWhatIsWrong() {
    assertMessage("[quant_grid] bits must be in 2 ... 8; got 9", () -> QuantGrid.signed(9));
    assertMessage(
        "[quant_grid] low must be below high, both within +-1048576; got 3 and 3",
        () -> new QuantGrid(3, 3, false, false));
    assertMessage(
        "[lsq_quantize] gradientFactor must be positive; got 0.0",
        () -> new Quantize.LsqQuantize(QuantGrid.signed(4).dividing(), 0, 0));
    assertMessage(
        "[lsq_quantize] the grid must divide and has no zero point; got QuantGrid[low=-8, high=7,"
            + " divide=false, zeroBeforeRound=false]; call dividing()",
        () -> new Quantize.LsqQuantize(QuantGrid.signed(4), 0, 1));
    assertMessage(
        "[pact_quantize] levels must be in 1 ... 1048576; got 0",
        () -> new Quantize.PactQuantize(0));
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[6], 2, 3);
      Tensor one = Tensor.scalar(1f);
      Tensor two = Tensor.of(new float[2]);
      assertMessage(
          "[fake_quantize] scale and zero must each be 0-d or [3], axis 1 of x; got x: f32[2,3],"
              + " scale: f32[2], zero: f32[]",
          () -> x.fakeQuantize(two, one, QuantGrid.signed(8), 1));
      assertMessage(
          "[fake_quantize] x must be floating point; x and scale must have one element type; x and"
              + " zero must have one element type; got x: i32[2,3], scale: f32[], zero: f32[]; cast"
              + " it with cast(DType.F32); cast one of them",
          () -> x.cast(DType.I32).fakeQuantize(one, one, QuantGrid.signed(8)));
      assertMessage(
          "[fake_quantize_backward] axis 2 of x must exist (not negative); x and dy must have one"
              + " type and shape; got x: f32[2,3], scale: f32[2], zero: f32[], dy: f32[2]",
          () ->
              Interpreter.current()
                  .apply(
                      new Quantize.FakeQuantizeBackward(QuantGrid.signed(8), 2),
                      List.of(x, two, one, two)));
      assertMessage(
          "[pact_quantize] alpha must have 0 axes; got x: f32[2,3], alpha: f32[2]",
          () -> x.pactQuantize(two, 3));
    }
  }

  private static void assertMessage(String text, org.junit.jupiter.api.function.Executable body) {
    assertEquals(text, assertThrows(IllegalArgumentException.class, body).getMessage());
  }
}
