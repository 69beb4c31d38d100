package ibrik.kernels.cuda;

import static ibrik.kernels.cuda.EmulatedBackend.DEVICE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.spec.LiveBytes;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Binary.Outside;
import ibrik.tensor.op.Binary.Signs;
import ibrik.tensor.op.Binary.Surrogate;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.QuantGrid;
import ibrik.tensor.op.Quantize;
import ibrik.tensor.random.PhiloxStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/// Values worked out from the definitions, and shapes that no sample has.
@ExtendWith(LiveBytes.class)
class DefinitionsTest {
  private static final double[] COSINES = {.9, .1, 0, .8, .3, -.2, .7, .2, .1, .1, .6, .5};

  @BeforeEach
  void emulates() {
    Emulation.assume();
  }

  private static Tensor on(float... values) {
    return Tensor.of(values, values.length).to(DEVICE);
  }

  private static Tensor apply(Op op, Tensor... in) {
    return Interpreter.current().apply(op, List.of(in)).getFirst();
  }

  // ---- Sinkhorn-Knopp

  private record Codes(double[] scores, int rows, double epsilon, int iterations, double... want) {}

  @TestFactory
  Stream<DynamicTest> knownCodes() {
    double[] logs = {Math.log(1), Math.log(2), Math.log(3), Math.log(4)};
    return Stream.of(
            new Codes(logs, 2, 1, 1, 3 / 7., 4 / 7., 9 / 17., 8 / 17.),
            new Codes(logs, 2, 1, 3, .44948755, .55051245, .55050807, .44949193),
            new Codes(
                COSINES, 4, .05, 3, .997567, .001118, .001315, .688583, .311294, .000123, .504084,
                .227886, .268029, 0, .459526, .540474),
            new Codes(
                COSINES, 4, .05, 50, .977469, .006935, .015596, .258768, .740673, .000559, .097096,
                .277919, .624985, 0, .307806, .692194),
            // e^-200 is no float: only logarithms get there.
            new Codes(new double[] {1, -1, 1, -1}, 2, .01, 3, .5, .5, .5, .5))
        .flatMap(
            v ->
                Stream.of(DType.F32, DType.F64)
                    .map(
                        type ->
                            DynamicTest.dynamicTest(
                                v.epsilon + " " + v.iterations + " " + type,
                                () -> {
                                  try (TensorScope _ = TensorScope.open()) {
                                    Tensor scores =
                                        Tensor.of(v.scores, v.scores.length).cast(type).to(DEVICE);
                                    assertArrayEquals(
                                        v.want,
                                        scores
                                            .reshape(v.rows, -1)
                                            .sinkhornKnopp(v.epsilon, v.iterations)
                                            .toDoubles(),
                                        1e-5);
                                  }
                                })));
  }

  /// Rows in several parts, more columns than registers hold, both sides of the step to logarithms,
  /// against the composition in f64.
  @TestFactory
  Stream<DynamicTest> manyRowsAndColumns() {
    long[][] shapes = {{300, 70}, {3, 4097}, {600, 7}, {2, 4096}};
    return Arrays.stream(shapes)
        .flatMap(
            shape -> {
              double step = 1 / (80 - Math.log(shape[0] * shape[1]));
              return Stream.of(0.05, 0.004, step * (1 - 1e-6), step * (1 + 1e-6))
                  .map(
                      epsilon ->
                          DynamicTest.dynamicTest(
                              Arrays.toString(shape) + " " + epsilon, () -> agree(shape, epsilon)));
            });
  }

  private static void agree(long[] shape, double epsilon) {
    PhiloxStream random = new PhiloxStream(3, 0);
    double[] values = new double[Math.toIntExact(shape[0] * shape[1])];
    Arrays.setAll(values, i -> random.nextDouble());
    values[0] = 0;
    values[values.length - 1] = 1;
    try (TensorScope _ = TensorScope.open()) {
      Tensor scores = Tensor.of(values, shape).cast(DType.F32);
      double[] want = scores.cast(DType.F64).sinkhornKnopp(epsilon, 3).toDoubles();
      assertArrayEquals(want, scores.to(DEVICE).sinkhornKnopp(epsilon, 3).toDoubles(), 1e-4);
    }
  }

  @Test
  void nanSpoilsEveryCodeAndMinusInfinityIsNeverChosen() {
    try (TensorScope _ = TensorScope.open()) {
      for (double epsilon : new double[] {0.01, 0.5}) {
        Tensor scores = on(1, -1, Float.NaN, 0, 1, 2).reshape(3, 2);
        for (double code : scores.sinkhornKnopp(epsilon, 2).toDoubles()) {
          assertTrue(Double.isNaN(code));
        }
      }
      Tensor scores = on(Float.NEGATIVE_INFINITY, 0, 0, 0, 0, 0).reshape(2, 3);
      double[] codes = scores.sinkhornKnopp(1, 40).toDoubles();
      assertEquals(0, codes[0]);
      double[] want = scores.to(Device.REFERENCE).sinkhornKnopp(1, 40).toDoubles();
      assertArrayEquals(want, codes, 1e-5);
    }
  }

  // ---- quantisation

  private static final float INF = Float.POSITIVE_INFINITY;

  /// As many copies as reach past the packs and the first blocks.
  private static float[] repeat(float... once) {
    float[] all = new float[once.length * 70];
    for (int i = 0; i < all.length; i++) {
      all[i] = once[i % once.length];
    }
    return all;
  }

  @Test
  void tiesBoundsAndNumbersThatAreNone() {
    float[] x = {
      0, .05f, .15f, .25f, .35f, -.05f, -.15f, 12.7f, 12.74f, 12.76f, -12.8f, -12.86f, 1e9f, INF,
      -INF, Float.NaN
    };
    float[] q = {0, 0, 2, 2, 4, 0, -2, 127, 127, 127, -128, -128, 127, 127, -128, -128};
    float[] mask = {1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0};
    try (TensorScope _ = TensorScope.open()) {
      QuantGrid grid = QuantGrid.signed(8);
      Tensor t = on(repeat(x));
      Tensor scale = on(.1f).reshape();
      Tensor zero = on(0f).reshape();
      float[] want = repeat(q);
      for (int i = 0; i < want.length; i++) {
        want[i] *= .1f;
      }
      float[] got = t.fakeQuantize(scale, zero, grid, 0).toFloats();
      for (int i = 0; i < got.length; i++) {
        assertEquals(want[i] + 0f, got[i] + 0f, "element " + i);
      }
      int[] integers = apply(new Quantize.QuantizeInt8(grid, 0), t, scale, zero).toInts();
      for (int i = 0; i < got.length; i++) {
        assertEquals((int) q[i % q.length], integers[i], "element " + i);
      }
      float[] dy = new float[x.length];
      for (int i = 0; i < dy.length; i++) {
        dy[i] = mask[i] == 0 ? INF : 1;
      }
      Tensor dx = apply(new Quantize.FakeQuantizeBackward(grid, 0), t, scale, zero, on(repeat(dy)));
      assertArrayEquals(repeat(mask), dx.toFloats());
    }
  }

  @Test
  void theZeroPointBeforeOrAfterRounding() {
    float[] x = {
      -2, -1.75f, -1.5f, -1.25f, -.75f, -.25f, 0, .25f, .75f, 1.25f, 5.75f, 6, 6.25f, 6.5f
    };
    int[] after = {0, 0, 0, 1, 1, 3, 3, 3, 5, 5, 15, 15, 15, 15};
    int[] before = {0, 0, 0, 0, 2, 2, 3, 4, 4, 6, 14, 15, 15, 15};
    try (TensorScope _ = TensorScope.open()) {
      for (boolean first : new boolean[] {false, true}) {
        QuantGrid plain = QuantGrid.unsigned(4);
        int[] want = first ? before : after;
        Quantize op = new Quantize.QuantizeInt8(first ? plain.addingZeroFirst() : plain, 0);
        Tensor scale = on(.5f).reshape();
        Tensor zero = on(3f).reshape();
        assertArrayEquals(want, apply(op, on(x), scale, zero).toInts());
      }
    }
  }

  @Test
  void learnedStepSizeAndParameterisedClipping() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = on(-2.2f, -.9f, -.1f, .3f, .74f, 1.9f);
      Tensor ones = on(1, 1, 1, 1, 1, 1);
      Tensor scale = on(.5f).reshape();
      QuantGrid grid = QuantGrid.signed(3).dividing();
      List<Tensor> lsq =
          Interpreter.current()
              .apply(
                  new Quantize.LsqQuantizeBackward(grid, 0, 1 / Math.sqrt(18)),
                  List.of(x, scale, ones));
      assertArrayEquals(new double[] {0, 1, 1, 1, 1, 0}, lsq.get(0).toDoubles());
      assertEquals(-.25455844, lsq.get(1).item(), 1e-6);
      Tensor two = on(2f).reshape();
      Tensor p = on(-.5f, 0, .3f, .9f, 1.4f, 1.9f, 2, 3);
      float third = 2 / 3f;
      assertArrayEquals(
          new float[] {0, 0, 0, third, 2 * third, 2, 2, 2},
          apply(new Quantize.PactQuantize(3), p, two).toFloats(),
          1e-6f);
    }
  }

  // ---- signs

  @Test
  void surrogatesOfTheSign() {
    float[] x = {-1.5f, -1, -.75f, -.25f, -0f, 0, .25f, .75f, 1, 1.5f};
    double[][] want = {
      {0, 1, 1, 1, 1, 1, 1, 1, 1, 0},
      {0, 0, .5, 1.5, 2, 2, 1.5, .5, 0, 0},
      {
        -.0303402097,
        -.194992255,
        -.354177551,
        2.2620474,
        5,
        5,
        2.2620474,
        -.354177551,
        -.194992255,
        -.0303402097
      }
    };
    Surrogate[] surrogates = {Surrogate.CLIP, Surrogate.APPROX, Surrogate.SWISH};
    try (TensorScope _ = TensorScope.open()) {
      for (int i = 0; i < want.length; i++) {
        float[] ones = new float[x.length];
        Arrays.fill(ones, 1);
        Tensor dx = apply(new Binary.SignBinarizeBackward(surrogates[i]), on(x), on(ones));
        assertArrayEquals(want[i], dx.toDoubles(), 1e-6, surrogates[i] + "");
      }
      double[] three = {-1, -1, -1, -1, -0.0, 0, 1, 1, 1, 1};
      Op sign3 = new Binary.SignBinarize(Signs.SIGN3, Surrogate.CLIP);
      assertArrayEquals(three, apply(sign3, on(x)).toDoubles());
      Op sign2 = new Binary.SignBinarize(Signs.SIGN2, Surrogate.CLIP);
      for (DType type : CudaFile.FLOATS) {
        Tensor typed = on(Float.NaN, -0f, 0, -1e-6f, -INF).cast(type);
        assertArrayEquals(new double[] {1, 1, 1, -1, -1}, apply(sign2, typed).toDoubles());
        assertArrayEquals(new int[] {0b11000}, typed.packSigns().toInts(), type + "");
      }
    }
  }

  private static float[] row(int count, int factor, int modulus, int shift) {
    float[] row = new float[count];
    for (int i = 0; i < count; i++) {
      row[i] = factor * i % modulus - shift;
    }
    return row;
  }

  /// Four channels, 3x3 image, 3x3 filter, worked out by hand.
  @Test
  void threeMeaningsOfOutside() {
    float[][] want = {
      {-2, 4, 0, 4, 2, 0, -2, 2, 0}, {0, 6, 2, 4, 2, 2, 0, 4, 4}, {-4, 2, -2, 4, 2, -2, -4, 0, -4}
    };
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = on(row(36, 5, 7, 3)).reshape(1, 3, 3, 4).packSigns();
      Tensor w = on(row(36, 3, 5, 2)).reshape(1, 3, 3, 4).packSigns();
      assertArrayEquals(new int[] {9, 12, 4, 6, 2, 3, 9, 9, 12}, x.toInts());
      for (Outside outside : Outside.values()) {
        Op op = new Binary.XnorConv2d(Conv2dGeometry.of(1, 1), 4, outside);
        assertArrayEquals(want[outside.ordinal()], apply(op, x, w, on(1)).toFloats());
      }
    }
  }
}
