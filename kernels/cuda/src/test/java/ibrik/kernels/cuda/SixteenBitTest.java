package ibrik.kernels.cuda;

import static ibrik.kernels.cuda.EmulatedBackend.DEVICE;
import static java.lang.Math.abs;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ibrik.spec.Comparer;
import ibrik.spec.Input;
import ibrik.spec.LiveBytes;
import ibrik.spec.OpSpec;
import ibrik.spec.OpSpecs;
import ibrik.spec.SixteenBits;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Create;
import ibrik.tensor.op.Elementwise;
import ibrik.tensor.op.ImageOp;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Pool;
import ibrik.tensor.op.Reduce;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/// bf16 and f16: widened, computed in f32, rounded once, as the reference does in f64. The samples
/// of the specs are f32 and f64.
@ExtendWith(LiveBytes.class)
class SixteenBitTest {
  private static final List<DType> TYPES = List.of(DType.BF16, DType.F16);

  @BeforeEach
  void emulates() {
    Emulation.assume();
  }

  private static double unit(DType type) {
    return type == DType.BF16 ? 0x1p-8 : 0x1p-11;
  }

  private static Stream<DynamicTest> each(Op op, Input... inputs) {
    return TYPES.stream()
        .map(
            type ->
                DynamicTest.dynamicTest(
                    op + " " + type,
                    () -> {
                      try (TensorScope _ = TensorScope.open()) {
                        compare(op, type, inputs);
                      }
                    }));
  }

  /// Within one unit in the last place of the largest: a sum in f32 may fall on the other side of a
  /// tie than one in f64.
  private static void compare(Op op, DType type, Input... inputs) {
    List<Tensor> in = new ArrayList<>();
    for (Input input : inputs) {
      in.add(input.make(DType.F32, Device.REFERENCE, 5 + in.size()).cast(type));
    }
    Tensor want = Interpreter.current().apply1(op, in);
    Tensor got =
        Interpreter.current().apply1(op, in.stream().map(tensor -> tensor.to(DEVICE)).toList());
    assertEquals(want.spec(), got.spec());
    double[] w = want.toDoubles();
    double[] g = got.toDoubles();
    for (int i = 0; i < w.length; i++) {
      assertEquals(w[i], g[i], 2 * unit(type) * Math.abs(w[i]) + 1e-6, "element " + i);
    }
  }

  @TestFactory
  Stream<DynamicTest> agreeWithTheReference() {
    Input x = Input.normal(5, 33);
    return Stream.of(
            each(new Elementwise.Exp(), x),
            each(new Elementwise.Tanh(), x),
            each(new Elementwise.Scale(1.7), x),
            each(new Elementwise.Add(), x, Input.normal(33)),
            each(new Elementwise.Mul(), x, Input.normal(5, 1)),
            each(new Elementwise.Maximum(), x, Input.normal(5, 33)),
            each(new Reduce.Sum(List.of(1), false), Input.positive(5, 700)),
            each(new Reduce.Mean(List.of(0), true), Input.positive(700, 33)),
            each(new Reduce.Sum(List.of(0, 2), false), Input.positive(5, 3, 40)),
            each(new Reduce.Max(List.of(0), false), x),
            each(new Linear.MatMul(false, true), Input.positive(20, 70), Input.positive(67, 70)),
            each(
                new Linear.Conv2d(Conv2dGeometry.of(1, 1)),
                Input.positive(2, 5, 6, 4),
                Input.positive(3, 3, 3, 4)))
        .flatMap(tests -> tests);
  }

  /// What lies between the convolutions of a residual network, forward and backward.
  private static boolean ofActivations(Op op) {
    return switch (op) {
      case Elementwise.Relu _,
          Elementwise.ReluBackward _,
          Elementwise.Add _,
          Elementwise.Scale _,
          Reduce.Mean _,
          Pool _ ->
          true;
      default -> SixteenBits.isBatchNorm(op);
    };
  }

  private static Stream<DynamicTest> activations(Stream<OpSpec> specs, UnaryOperator<Tensor> lie) {
    return SixteenBits.each(
        specs.filter(spec -> ofActivations(spec.op())),
        (spec, type) -> {
          try (TensorScope _ = TensorScope.open()) {
            roundsOnce(spec, type, lie);
          }
        });
  }

  /// Against f64 on the same numbers: what has the type of the activations is rounded once, what
  /// belongs to channels is f32.
  private static void roundsOnce(OpSpec spec, DType type, UnaryOperator<Tensor> lie) {
    List<Tensor> in = SixteenBits.make(spec, type, Device.REFERENCE, 41);
    List<Tensor> moved = in.stream().map(lie).toList();
    List<TensorSpec> specs = moved.stream().map(Tensor::spec).toList();
    assertNotNull(Backends.of(DEVICE).kernel(spec.op(), specs), "must be served");
    List<Tensor> got = spec.run(moved);
    List<Tensor> want = spec.run(SixteenBits.in(DType.F64, in));
    for (int i = 0; i < want.size(); i++) {
      DType made = got.get(i).dtype();
      boolean rounded = made == type;
      assertTrue(rounded || made == DType.F32 || !made.isFloat(), "output " + i);
      double[] w = want.get(i).toDoubles();
      double most = Arrays.stream(w).filter(Double::isFinite).map(Math::abs).max().orElse(0);
      double wide = Comparer.tolerance(w, DType.F32, spec.depth()) * spec.loose();
      w = rounded ? withInfinities(w, want.get(i).cast(type).toDoubles()) : w;
      double[] g = got.get(i).toDoubles();
      for (int k = 0; k < w.length; k++) {
        // Each of the additions into a pixel is rounded.
        double size = spec.op() instanceof Pool.MaxPool2dBackward ? spec.depth() * most : abs(w[k]);
        double tolerance = rounded ? wide + SixteenBits.halfUnit(type) * size : wide;
        boolean same = w[k] == g[k] || (Double.isNaN(w[k]) && Double.isNaN(g[k]));
        if (!same && !(abs(w[k] - g[k]) <= tolerance)) {
          fail("output " + i + "[" + k + "]: got " + g[k] + ", want " + w[k]);
        }
      }
    }
  }

  /// `wide`, but infinite where rounding to 16 bits makes it so.
  private static double[] withInfinities(double[] wide, double[] rounded) {
    double[] all = wide.clone();
    for (int i = 0; i < all.length; i++) {
      all[i] = Double.isInfinite(rounded[i]) ? rounded[i] : wide[i];
    }
    return all;
  }

  @TestFactory
  Stream<DynamicTest> activationsRoundOnce() {
    return activations(
        Stream.concat(OpSpecs.all().stream(), OpSpecs.large().stream()), x -> x.to(DEVICE));
  }

  @TestFactory
  Stream<DynamicTest> activationsPropagateNanAndInfinity() {
    return activations(
        OpSpecs.all().stream()
            .filter(OpSpec::specialInputs)
            .map(
                spec ->
                    OpSpec.flat(
                            spec.op(),
                            spec.inputs().stream().map(Input::special).toArray(Input[]::new))
                        .depth(spec.depth())),
        x -> x.to(DEVICE));
  }

  /// Packs may not be loaded at once where a tensor starts between them.
  @TestFactory
  Stream<DynamicTest> activationsMayBeOffsetViews() {
    return activations(OpSpecs.all().stream(), CudaSpecTest::offset);
  }

  /// Views are rounded once, from f32; a row that is no view gives NaN, and its neighbours stay.
  @Test
  void viewsComeInSixteenBits() {
    for (DType type : TYPES) {
      ImageOp.Augment op =
          new ImageOp.Augment(
              9,
              7,
              3,
              ImageOp.Filter.BICUBIC,
              ImageOp.Jitter.BYOL,
              List.of(0.4f, 0.5f, 0.6f),
              List.of(0.2f, 0.3f, 0.25f),
              type);
      try (TensorScope _ = TensorScope.open()) {
        Tensor images = Input.bytes(14, 6, 8, 3).make(DType.F32, Device.REFERENCE, 5);
        Tensor rows = Input.views(14, 6, 8).make(DType.F32, Device.REFERENCE, 6);
        double[] want = images.augment(rows, op).toDoubles();
        double[] got = images.to(DEVICE).augment(rows.to(DEVICE), op).toDoubles();
        for (int i = 0; i < want.length; i++) {
          assertEquals(want[i], got[i], 2 * unit(type) * Math.abs(want[i]) + 1e-4, "element " + i);
        }
        int view = want.length / 14;
        for (int column : new int[] {0, 2, 9}) {
          float[] broken = rows.toFloats();
          broken[13 + column] = column == 9 ? 0.6f : column == 2 ? 0 : Float.NaN;
          Tensor wrong = Tensor.of(broken, 14, 13).to(DEVICE);
          double[] now = images.to(DEVICE).augment(wrong, op).toDoubles();
          for (int i = 0; i < now.length; i++) {
            assertEquals(i / view == 1 ? Double.NaN : got[i], now[i], "element " + i);
          }
        }
      }
    }
  }

  @Test
  void castsRoundAsTheReferenceDoes() {
    // Ties in bf16 and f16, both neighbours, subnormal and too large numbers, and what is no
    // number.
    float[] hard = {
      0,
      -0.0f,
      1,
      1.00390625f,
      1.01171875f,
      1.00390637f,
      1.00048828125f,
      1.00146484375f,
      65519.996f,
      65520,
      6e-8f,
      2.9802322e-8f,
      1e-40f,
      3.4e38f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN,
      -300.7f,
      127.6f,
      -128.9f,
      2.2e9f
    };
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(hard, hard.length).to(Device.REFERENCE);
      for (DType type : CudaFile.NUMBERS) {
        double[] want = x.cast(type).toDoubles();
        assertArrayEquals(want, x.to(DEVICE).cast(type).toDoubles(), type.tag());
        for (DType next : CudaFile.NUMBERS) {
          assertArrayEquals(
              x.cast(type).cast(next).toDoubles(),
              x.to(DEVICE).cast(type).cast(next).toDoubles(),
              type + " to " + next);
        }
        assertArrayEquals(
            x.cast(type).cast(DType.BOOL).toDoubles(),
            x.to(DEVICE).cast(type).cast(DType.BOOL).toDoubles());
      }
    }
  }

  @Test
  void fillsEveryType() {
    try (TensorScope _ = TensorScope.open()) {
      for (DType type : DType.values()) {
        if (type != DType.B1) {
          TensorSpec spec = new TensorSpec(type, Shape.of(3, 11));
          for (double value : new double[] {0, 1, 100}) {
            assertArrayEquals(
                made(spec, value, Device.REFERENCE), made(spec, value, DEVICE), type.tag());
          }
        }
      }
    }
  }

  private static double[] made(TensorSpec spec, double value, Device device) {
    return Interpreter.current()
        .apply1(new Create.Fill(spec, value, device), List.of())
        .toDoubles();
  }

  @Test
  void integersComputeModuloTheirWidth() {
    try (TensorScope _ = TensorScope.open()) {
      for (DType type : List.of(DType.I64, DType.I32, DType.I8, DType.U8)) {
        Tensor a = Input.int8(300, 2).make(DType.F32, Device.REFERENCE, 3).cast(type);
        Tensor b = Input.int8(2).make(DType.F32, Device.REFERENCE, 4).cast(type);
        for (Op op :
            List.of(
                new Elementwise.Add(),
                new Elementwise.Sub(),
                new Elementwise.Mul(),
                new Elementwise.Minimum())) {
          integers(op, a, b);
        }
        for (boolean first : new boolean[] {true, false}) {
          List<Integer> axes = List.of(first ? 0 : 1);
          integers(new Reduce.Sum(axes, false), a);
          integers(new Reduce.Max(axes, false), a);
          integers(new Reduce.Min(axes, false), a);
          integers(new Reduce.Max(axes, false), a.narrow(0, 0, 0));
          integers(new Reduce.Min(axes, false), a.narrow(0, 0, 0));
        }
      }
    }
  }

  private static void integers(Op op, Tensor... in) {
    List<Tensor> moved = Stream.of(in).map(tensor -> tensor.to(DEVICE)).toList();
    assertArrayEquals(
        Interpreter.current().apply1(op, List.of(in)).toLongs(),
        Interpreter.current().apply1(op, moved).toLongs(),
        () -> op + " of " + in[0].spec());
  }
}
