package ibrik.kernels.cuda;

import static ibrik.kernels.cuda.EmulatedBackend.DEVICE;
import static ibrik.spec.Input.indices;
import static ibrik.spec.Input.normal;
import static ibrik.spec.Input.positive;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.spec.Comparer;
import ibrik.spec.Input;
import ibrik.spec.OpSpec;
import ibrik.spec.SixteenBits;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Activation;
import ibrik.tensor.op.Attend;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Index;
import ibrik.tensor.op.Layout;
import ibrik.tensor.op.Loss;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Pool;
import ibrik.tensor.op.RandomOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What the samples of the specs do not reach: each variant of a kernel (teams, packs, parts,
/// bands, more blocks than a grid has), and 16-bit floats.
class CudaShapesTest {
  @BeforeEach
  void emulates() {
    Emulation.assume();
  }

  private static OpSpec of(Op op, long depth, Input... in) {
    return OpSpec.flat(op, in).depth(depth).loose(4, "sums of a row are cut into other parts");
  }

  private static List<OpSpec> specs() {
    List<OpSpec> specs = new ArrayList<>();
    // Teams of a thread, a warp and a block; whole packs and tails.
    for (long[] shape :
        new long[][] {{700, 4}, {700, 5}, {70, 32}, {9, 1024}, {5, 1025}, {3, 2048}, {2, 5003}}) {
      Input x = normal(shape);
      Input c = normal(shape[1]);
      Input labels = indices((int) shape[1], shape[0]);
      specs.add(of(new Normalize.Softmax(), shape[1], x));
      specs.add(of(new Normalize.LogSoftmax(), shape[1], x));
      specs.add(of(new Normalize.L2Normalize(1e-6), shape[1], x));
      specs.add(of(new Normalize.L2NormalizeBackward(1e-6), shape[1], x, x));
      specs.add(of(new Normalize.L2NormalizeBackward(1e6), shape[1], x, x));
      specs.add(of(new Normalize.LayerNorm(1e-5), shape[1], x));
      specs.add(of(new Normalize.LayerNorm(1e-5), shape[1], x, c, c));
      specs.add(of(new Normalize.LayerNormBackward(1e-5), shape[1], x, x));
      specs.add(of(new Normalize.LayerNormBackward(1e-5), 4 * shape[1], x, x, c));
      specs.add(of(new Loss.SoftmaxCrossEntropy(), shape[1], x, labels));
      specs.add(of(new Loss.SoftmaxCrossEntropyBackward(), shape[1], x, labels, normal(shape[0])));
    }
    // Columns: packs and single ones, several blocks across, parts with a short last one.
    for (long[] shape :
        new long[][] {{2, 1}, {64, 4}, {65, 8}, {1000, 3}, {1001, 128}, {200, 132}, {130, 600}}) {
      Input x = normal(shape);
      Input c = normal(shape[1]);
      Input v = positive(shape[1]);
      specs.add(of(new Normalize.BatchNorm(1e-2), shape[0], x, c, c));
      specs.add(of(new Normalize.BatchNormBackward(1e-2), shape[0], x, c, c, v, x));
      specs.add(of(new Normalize.BatchNormRelu(1e-2, false), shape[0], x, c, c));
      specs.add(of(new Normalize.BatchNormRelu(1e-2, true), shape[0], x, c, c, x));
      for (boolean residual : new boolean[] {false, true}) {
        Op backward = new Normalize.BatchNormReluBackward(1e-2, residual);
        specs.add(of(backward, shape[0], x, c, c, v, x, x));
      }
      specs.add(of(new Normalize.BatchNormInference(1e-2), 4, x, c, c, c, v));
    }
    // More rows than a full grid of the emulated device has teams.
    specs.add(of(new Normalize.Softmax(), 1025, normal(40, 1025)));
    specs.add(of(new Normalize.Softmax(), 9, normal(5000, 9)));
    pool(specs);
    layout(specs);
    for (int k : new int[] {1, 7, 100, 257, 300, 2048}) {
      specs.add(of(new Index.TopK(k), 1, normal(2, Math.max(k, 300) + 3)));
    }
    specs.add(of(new Index.TopK(2100), 1, normal(1, 2101)));
    specs.add(of(new Index.TopK(5), 1, normal(40, 300)));
    specs.add(of(new Index.ScatterAdd(3), 600, normal(600, 300), indices(3, 600)));
    specs.add(of(new Index.ScatterAdd(40), 65, normal(65, 1), indices(40, 65)));
    specs.add(of(new Index.Gather(), 1, normal(9, 8), indices(9, 70)));
    specs.add(of(new Activation.Gelu(), 4, normal(9001)));
    specs.add(of(new Activation.GeluBackward(), 4, normal(9001), normal(9001)));
    // Head sizes that make tiles of 32, 16 and 8 rows; tiles with a short last one.
    for (long[] n : new long[][] {{2, 33, 40, 16, 16}, {1, 17, 35, 96, 70}, {1, 9, 20, 200, 190}}) {
      Input q = normal(1, n[0], n[1], n[3]);
      Input k = normal(1, n[0], n[2], n[3]);
      Input v = normal(1, n[0], n[2], n[4]);
      Input rows = positive(1, n[0], n[1]);
      Input dy = normal(1, n[0], n[1], n[4]);
      specs.add(of(new Attend.Attention(0.1), n[3] + n[4], q, k, v));
      specs.add(of(new Attend.AttentionBackward(0.1), n[3] + n[4], q, k, v, rows, dy, rows));
    }
    return specs;
  }

  private static void pool(List<OpSpec> specs) {
    Conv2dGeometry strided = new Conv2dGeometry(2, 3, 1, 0, 1, 1, 1);
    Conv2dGeometry dilated = new Conv2dGeometry(1, 1, 1, 1, 2, 1, 1);
    for (Conv2dGeometry g : List.of(strided, dilated)) {
      for (long channels : new long[] {1, 5, 8, 300}) {
        Input x = normal(2, 9, 8, channels);
        long high = g.outHeight(9, 3);
        long wide = g.outWidth(8, 2);
        Input dy = normal(2, high, wide, channels);
        Input places = indices(72, 2, high, wide, channels);
        specs.add(of(new Pool.MaxPool2d(3, 2, g), 1, x));
        specs.add(of(new Pool.AvgPool2d(3, 2, g), 6, x));
        specs.add(of(new Pool.AvgPool2dBackward(3, 2, g, 9, 8), 6, dy));
        specs.add(of(new Pool.MaxPool2dBackward(9, 8), 9, dy, places));
        specs.add(of(new Pool.MaxPool2dGather(), 1, x, places));
      }
    }
  }

  private static void layout(List<OpSpec> specs) {
    for (List<Integer> order :
        List.of(
            List.of(0, 1, 2, 3),
            List.of(0, 3, 1, 2),
            List.of(0, 2, 3, 1),
            List.of(3, 2, 1, 0),
            List.of(2, 0, 1, 3),
            List.of(1, 3, 0, 2))) {
      specs.add(of(new Layout.Transpose(order), 1, normal(3, 5, 33, 8)));
      specs.add(of(new Layout.Transpose(order), 1, normal(2, 35, 4, 67)));
    }
    specs.add(of(new Layout.BroadcastTo(Shape.of(7, 9, 8)), 1, normal(7, 1, 8)));
    specs.add(of(new Layout.BroadcastTo(Shape.of(7, 9, 6)), 1, normal(9, 6)));
    specs.add(of(new Layout.BroadcastTo(Shape.of(7, 9, 8)), 1, normal(9, 1)));
    specs.add(of(new Layout.Narrow(1, 4, 8), 1, normal(33, 16)));
    specs.add(of(new Layout.Narrow(1, 1, 4), 1, normal(33, 3 * 5, 2)));
    specs.add(of(new Layout.Pad(1, 4, 8), 1, normal(33, 16)));
    specs.add(of(new Layout.Pad(0, 1, 0), 1, normal(33, 7)));
    specs.add(of(new Layout.Concat(1), 1, normal(33, 8), normal(33, 4), normal(33, 0)));
  }

  private interface Body {
    void run(OpSpec spec);
  }

  private static Stream<DynamicTest> each(List<OpSpec> specs, Body body) {
    return specs.stream()
        .map(
            spec ->
                DynamicTest.dynamicTest(
                    spec.toString(),
                    () -> {
                      long before = Backends.of(DEVICE).memory(0).liveBytes();
                      assertTrue(CudaSpecTest.served(spec, DType.F32), "must be served");
                      try (TensorScope _ = TensorScope.open()) {
                        body.run(spec);
                      }
                      assertEquals(
                          before, Backends.of(DEVICE).memory(0).liveBytes(), "bytes leaked");
                    }));
  }

  @TestFactory
  Stream<DynamicTest> agreesWithReference() {
    return each(
        specs(),
        spec -> {
          List<Tensor> in = spec.make(DType.F32, DEVICE, 31);
          List<Tensor> got = spec.run(in);
          List<Tensor> want = spec.run(in.stream().map(t -> t.to(Device.REFERENCE)).toList());
          for (int i = 0; i < want.size(); i++) {
            Comparer.check("output " + i, got.get(i).to(Device.REFERENCE), want.get(i), spec);
          }
        });
  }

  /// bf16 in and out, against f64 on the same numbers: they are computed in f32 and rounded once.
  @TestFactory
  Stream<DynamicTest> roundsBf16Once() {
    return each(
        specs().stream().filter(spec -> !(spec.op() instanceof Pool.MaxPool2dBackward)).toList(),
        spec -> {
          List<Tensor> in = SixteenBits.make(spec, DType.BF16, DEVICE, 32);
          List<Tensor> got = spec.run(in);
          List<Tensor> want = spec.run(SixteenBits.in(DType.F64, in));
          for (int i = 0; i < want.size(); i++) {
            double[] w = want.get(i).toDoubles();
            double most = Arrays.stream(w).map(Math::abs).max().orElse(0);
            // Half a unit of 8 digits, and a little for the f32 before it.
            int worst = Comparer.worst(got.get(i).toDoubles(), w, most * 0x1.08p-8);
            assertTrue(
                worst < 0, () -> "output of " + spec + " at " + worst + ": more than one rounding");
          }
        });
  }

  /// What lies in one row must not reach another: special values in every seventh row.
  @TestFactory
  Stream<DynamicTest> rowsAreIndependent() {
    return each(
        specs().stream().filter(spec -> spec.op() instanceof Normalize.Softmax).toList(),
        spec -> {
          Tensor x = spec.make(DType.F32, Device.REFERENCE, 33).getFirst();
          long width = x.dim(1);
          float[] values = x.toFloats();
          for (int row = 0; row < x.dim(0); row += 7) {
            values[(int) (row * width + width - 1)] = Float.NaN;
          }
          Tensor in = Tensor.of(values, x.dim(0), width).to(DEVICE);
          double[] got = spec.run(List.of(in)).getFirst().toDoubles();
          for (int i = 0; i < got.length; i++) {
            assertEquals(i / width % 7 == 0, Double.isNaN(got[i]), "element " + i);
          }
        });
  }

  /// f32 and f64, around the ends of blocks of words.
  @TestFactory
  Stream<DynamicTest> randomBitsAreThoseOfTheReference() {
    return Stream.of(DType.F32, DType.F64, DType.BF16)
        .flatMap(
            type ->
                Stream.of(0L, 1L, 2L, 3L, 4L, 5L, 1023L, 70_001L)
                    .map(n -> new TensorSpec(type, Shape.of(n))))
        .flatMap(
            y ->
                Stream.of(
                    new RandomOp.RandomUniform(y, -0.3, 1.7), new RandomOp.RandomBernoulli(y, 0.3)))
        .map(
            op ->
                DynamicTest.dynamicTest(
                    op.toString(),
                    () -> {
                      try (TensorScope _ = TensorScope.open()) {
                        Tensor key = Tensor.of(new long[] {0x123456789ABCDEFL, -7}, 2);
                        double[] got = draw(op, key.to(DEVICE));
                        assertArrayEquals(draw(op, key.to(Device.REFERENCE)), got);
                      }
                    }));
  }

  private static double[] draw(RandomOp op, Tensor key) {
    return Interpreter.current().apply(op, List.of(key)).getFirst().toDoubles();
  }

  /// A kernel cannot raise the error that host backends raise: it must not touch what is not its.
  @Test
  void strayIndicesTouchNothing() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2).to(DEVICE);
      Tensor stray = Tensor.of(new int[] {-1, 3, 1}, 3).to(DEVICE);
      assertArrayEquals(new float[] {0, 0, 0, 0, 3, 4}, run(new Index.Gather(), x, stray));
      assertArrayEquals(new float[] {0, 0, 5, 6}, run(new Index.ScatterAdd(2), x, stray));
      assertArrayEquals(new float[] {0, 0, 0, 0, 0, 1}, run(new Index.OneHot(2, DType.F32), stray));
      float[] losses = run(new Loss.SoftmaxCrossEntropy(), x, stray);
      assertTrue(Float.isNaN(losses[0]) && Float.isNaN(losses[1]) && losses[2] > 0);
    }
  }

  private static float[] run(Op op, Tensor... in) {
    return Interpreter.current().apply(op, List.of(in)).getFirst().toFloats();
  }

  /// Equal numbers, zeros of both signs and NaNs around the k-th.
  @Test
  void topKBreaksTiesByPlace() {
    try (TensorScope _ = TensorScope.open()) {
      float[] values = new float[700];
      for (int i = 0; i < values.length; i++) {
        values[i] = i % 3 == 0 ? -0f : i % 3 == 1 ? 0f : i % 101 == 100 ? Float.NaN : -i % 5;
      }
      Tensor x = Tensor.of(values, 1, 700);
      for (int k : new int[] {1, 3, 64, 468, 700}) {
        Op op = new Index.TopK(k);
        List<Tensor> got = Interpreter.current().apply(op, List.of(x.to(DEVICE)));
        List<Tensor> want = Interpreter.current().apply(op, List.of(x.to(Device.REFERENCE)));
        assertArrayEquals(want.get(1).toInts(), got.get(1).toInts(), "places, k = " + k);
        assertArrayEquals(want.get(0).toFloats(), got.get(0).toFloats(), "values, k = " + k);
      }
    }
  }
}
