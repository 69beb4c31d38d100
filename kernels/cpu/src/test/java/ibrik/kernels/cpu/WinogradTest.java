package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.spec.Comparer;
import ibrik.spec.LiveBytes;
import ibrik.spec.OpSpec;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Winograd's convolutions against the definition.
@ExtendWith(LiveBytes.class)
class WinogradTest {
  private final CpuPool pool = new CpuPool(2);

  @AfterEach
  void restoreThreads() {
    pool.close();
    Backends.threads(2);
  }

  private static Tensor normal(long stream, long... dims) {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(dims));
    return Tensors.normal(spec, 0, 1, Tensors.key(9, stream, Device.CPU));
  }

  private static Shape outputs(Shape x, long kernels, int pad) {
    return Shape.of(x.dim(0), x.dim(1) + 2L * pad - 2, x.dim(2) + 2L * pad - 2, kernels);
  }

  /// `run` writes what `op` should.
  private static void compare(
      Linear op, Tensor a, Tensor b, long depth, Shape shape, Consumer<MemorySegment> run) {
    Tensor got = Tensors.zeros(new TensorSpec(DType.F32, shape), Device.CPU);
    run.accept(got.data());
    OpSpec spec = OpSpec.flat(op).depth(depth);
    Tensor want = spec.run(List.of(a.to(Device.REFERENCE), b.to(Device.REFERENCE))).getFirst();
    Comparer.check(op.tag(), got.to(Device.REFERENCE), want, spec);
  }

  /// Tiles that fit and tiles that reach beyond the edge; one task and several; one chunk and
  /// several, each with sums of its own or added to those of all; a last panel of one vector.
  @ParameterizedTest
  @Tag("lanes")
  @CsvSource({
    "1,4,4,64,64,1",
    "2,7,7,64,80,1",
    "3,9,14,80,64,1",
    "2,13,5,64,64,0",
    "2,6,6,64,64,2",
    "70,4,4,64,64,1",
    "1,33,61,64,64,1",
    "1,8,9,144,144,1",
    "70,4,4,64,128,1",
    "1,4,4,256,528,1"
  })
  void agreesWithTheDefinition(int n, int h, int w, int c, int k, int pad) {
    try (TensorScope _ = TensorScope.open()) {
      Conv2dGeometry g = Conv2dGeometry.of(1, pad);
      Tensor x = normal(1, n, h, w, c);
      Tensor weights = normal(2, k, 3, 3, c);
      Tensor dy = normal(3, outputs(x.shape(), k, pad).dims());
      ConvShape d = ConvShape.of(x.shape(), weights.shape(), dy.shape(), g);
      assertTrue(Winograd.fits(d));
      MemorySegment in = x.data();
      MemorySegment by = weights.data();
      MemorySegment back = dy.data();
      compare(
          new Linear.Conv2d(g),
          x,
          weights,
          9L * c,
          dy.shape(),
          to -> Winograd.forward(pool, d, in, by, to));
      compare(
          new Linear.Conv2dBackwardData(g, h, w),
          dy,
          weights,
          9L * k,
          x.shape(),
          to -> Winograd.backward(pool, d, back, by, to));
      compare(
          new Linear.Conv2dBackwardWeight(g, 3, 3),
          x,
          dy,
          n * dy.dim(1) * dy.dim(2),
          weights.shape(),
          to -> WinogradBackwardWeight.run(pool, d, in, back, to));
    }
  }

  /// What users call gets here, if there is enough to do.
  @ParameterizedTest
  @CsvSource({"64,4,4,64,64", "1,32,32,64,128", "16,7,8,512,64"})
  void opsUseIt(int n, int h, int w, int c, int k) {
    try (TensorScope _ = TensorScope.open()) {
      Conv2dGeometry g = Conv2dGeometry.of(1, 1);
      Tensor x = normal(10, n, h, w, c);
      Tensor weights = normal(11, k, 3, 3, c);
      Tensor y = x.conv2d(weights, g);
      ConvShape d = ConvShape.of(x.shape(), weights.shape(), y.shape(), g);
      assertTrue(Winograd.serves(d));
      Tensor own = Tensors.zeros(y.spec(), Device.CPU);
      Winograd.forward(pool, d, x.data(), weights.data(), own.data());
      assertArrayEquals(own.toFloats(), y.toFloats());
    }
  }

  @Test
  void bitsDoNotDependOnThreads() {
    try (TensorScope _ = TensorScope.open()) {
      Conv2dGeometry g = Conv2dGeometry.of(1, 1);
      Tensor x = normal(4, 40, 8, 9, 64);
      Tensor weights = normal(5, 512, 3, 3, 64);
      Tensor dy = normal(6, 40, 8, 9, 512);
      byte[][] first = null;
      for (int threads : new int[] {1, 2, 3}) {
        Backends.threads(threads);
        byte[][] bits = {
          bits(new Linear.Conv2d(g), x, weights),
          bits(new Linear.Conv2dBackwardData(g, 8, 9), dy, weights),
          bits(new Linear.Conv2dBackwardWeight(g, 3, 3), x, dy),
          bits(new Linear.Conv2dBackwardWeight(g, 3, 3), x, x)
        };
        first = first == null ? bits : first;
        for (int i = 0; i < bits.length; i++) {
          assertArrayEquals(first[i], bits[i], "op " + i + ", " + threads + " threads");
        }
      }
    }
  }

  private static byte[] bits(Linear op, Tensor a, Tensor b) {
    return OpSpec.flat(op).run(List.of(a, b)).getFirst().data().toArray(ValueLayout.JAVA_BYTE);
  }

  /// `A^T ((G g) * (B^T d))` is the sum over taps, and each map's twin its transpose.
  @Test
  @Tag("lanes")
  void mapsAreThoseOfTheDefinition() {
    Random random = new Random(3);
    Row d = new Row(6).fill(random);
    Row g = new Row(3).fill(random);
    Row v = new Row(6);
    Row u = new Row(6);
    Row m = new Row(6);
    Row y = new Row(4);
    WinogradLoops.inputs(1, d.at(), Lanes.BYTES, 0, v.at(), Lanes.BYTES, 0);
    WinogradLoops.kernels(1, g.at(), Lanes.BYTES, 0, u.at(), Lanes.BYTES, 0);
    for (int i = 0; i < 6; i++) {
      m.set(i, v.get(i) * u.get(i));
    }
    WinogradLoops.outputs(1, m.at(), Lanes.BYTES, 0, y.at(), Lanes.BYTES, 0);
    for (int i = 0; i < 4; i++) {
      float want = d.get(i) * g.get(0) + d.get(i + 1) * g.get(1) + d.get(i + 2) * g.get(2);
      assertEquals(want, y.get(i), 1e-5f, "output " + i);
    }
    // <A^T m, e> = <m, A e> and <G g, e> = <g, G^T e>.
    Row e = new Row(4).fill(random);
    Row ae = new Row(6);
    WinogradLoops.gradients(1, e.at(), Lanes.BYTES, 0, ae.at(), Lanes.BYTES, 0);
    assertEquals(y.dot(e), m.dot(ae), 1e-4f);
    Row h = new Row(6).fill(random);
    Row gh = new Row(3);
    WinogradLoops.kernelGradients(1, h.at(), Lanes.BYTES, 0, gh.at(), Lanes.BYTES, 0);
    assertEquals(u.dot(h), g.dot(gh), 1e-4f);
  }

  /// Some vectors, of whose lanes only the last is looked at; all are equal.
  private record Row(MemorySegment data, int size) {
    Row(int size) {
      this(Arena.ofAuto().allocate(size * Lanes.BYTES, 64), size);
    }

    Row fill(Random random) {
      for (int i = 0; i < size; i++) {
        set(i, (float) random.nextGaussian());
      }
      return this;
    }

    long at() {
      return data.address();
    }

    void set(int i, float value) {
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        data.set(Lanes.FLOAT, i * Lanes.BYTES + lane * 4L, value);
      }
    }

    float get(int i) {
      return data.get(Lanes.FLOAT, (i + 1) * Lanes.BYTES - 4);
    }

    float dot(Row other) {
      float sum = 0;
      for (int i = 0; i < size; i++) {
        sum += get(i) * other.get(i);
      }
      return sum;
    }
  }

  /// What is no number reaches every output that reads it, and none beyond its tiles.
  @Test
  void noNumberStaysInItsTiles() {
    try (TensorScope _ = TensorScope.open()) {
      TensorSpec spec = new TensorSpec(DType.F32, Shape.of(8, 12, 12, 64));
      Tensor hole = Tensors.zeros(spec, Device.CPU);
      hole.data().set(ValueLayout.JAVA_FLOAT, (5 * 12 + 5) * 64 * 4, Float.NaN);
      Tensor y = hole.conv2d(normal(7, 64, 3, 3, 64), Conv2dGeometry.of(1, 1));
      float[] values = y.toFloats();
      for (int i = 0; i < values.length; i++) {
        int row = i / 64 / 12; // of the first image, or beyond
        int column = i / 64 % 12;
        boolean reads = Math.abs(row - 5) <= 1 && Math.abs(column - 5) <= 1;
        boolean near = row / 4 == 1 && column / 4 == 1;
        assertTrue(!reads || Float.isNaN(values[i]), "output " + row + ", " + column);
        assertTrue(near || !Float.isNaN(values[i]), "output " + row + ", " + column);
      }
    }
  }

  /// Few channels, channels that are no whole vectors, tiles that reach far beyond the outputs, and
  /// every other form of kernel.
  @ParameterizedTest
  @CsvSource({
    "16,8,32,64,3,1,1,1", "16,8,64,65,3,1,1,1", "15,8,64,64,3,1,1,1", "64,2,64,64,3,1,1,1",
    "16,8,64,64,3,2,1,1", "16,8,64,64,3,1,2,1", "16,8,64,64,3,1,1,2", "16,8,64,64,1,1,1,1",
    "16,8,64,64,5,1,1,1"
  })
  void othersAreAddedUp(
      int n, int h, int c, int k, int taps, int stride, int dilation, int groups) {
    Conv2dGeometry g = new Conv2dGeometry(stride, stride, 1, 1, dilation, dilation, groups);
    Shape x = Shape.of(n, h, h, c);
    Shape weights = Shape.of(k, taps, taps, c / groups);
    int out = (h + 2 - (taps - 1) * dilation - 1) / stride + 1;
    assertFalse(Winograd.serves(ConvShape.of(x, weights, Shape.of(n, out, out, k), g)));
  }
}
