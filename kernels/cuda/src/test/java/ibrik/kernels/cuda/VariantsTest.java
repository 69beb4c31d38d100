package ibrik.kernels.cuda;

import static ibrik.kernels.cuda.EmulatedBackend.DEVICE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import ibrik.kernels.cuda.Images.Variant;
import ibrik.kernels.cuda.OwnConvolutions.Tiles;
import ibrik.kernels.cuda.driver.Dnn.Role;
import ibrik.kernels.cuda.driver.Grid;
import ibrik.spec.LiveBytes;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Binary.Outside;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.IntegerOp;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Op;
import ibrik.tensor.random.PhiloxStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/// Kernels of which there are several: the readable one and the fast ones give the same, whichever
/// of them the device would choose.
@ExtendWith(LiveBytes.class)
class VariantsTest {
  private final PhiloxStream random = new PhiloxStream(11, 0);

  @BeforeEach
  void emulates() {
    Emulation.assume();
  }

  private static Tensor run(CudaOp op, Op node, List<Tensor> in) {
    TensorSpec spec = node.infer(in.stream().map(Tensor::spec).toList()).getFirst();
    Tensor out = Tensors.zeros(spec, DEVICE);
    op.run(Emulation.gpu(), in, List.of(out));
    return out;
  }

  private static List<TensorSpec> specs(List<Tensor> in) {
    return in.stream().map(Tensor::spec).toList();
  }

  /// Signs of standard normal numbers in words, both words' signs among them; `offset` words behind
  /// the start of a block, so that 16 bytes are not loaded at once.
  private Tensor words(int offset, long channels, long... dims) {
    float[] x = new float[Math.toIntExact(Shape.of(dims).elems() * channels)];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextFloat() - 0.5f;
    }
    long rows = Shape.of(dims).elems();
    Tensor words = Tensor.of(x, rows, channels).packSigns();
    long[] shape = Arrays.copyOf(dims, dims.length + 1);
    shape[dims.length] = words.dim(1);
    int[] values = words.toInts();
    int[] moved = new int[values.length + offset];
    System.arraycopy(values, 0, moved, offset, values.length);
    return Tensor.of(moved, moved.length)
        .to(DEVICE)
        .narrow(0, offset, values.length)
        .reshape(Shape.of(shape));
  }

  private record Convolution(
      Conv2dGeometry geometry, long channels, long[] image, long[] filter, int offset) {}

  @TestFactory
  Stream<DynamicTest> signsAreConvolvedAlike() {
    Conv2dGeometry odd = new Conv2dGeometry(2, 1, 3, 1, 1, 2, 1);
    return Stream.of(
            new Convolution(Conv2dGeometry.of(1, 1), 256, l(2, 7, 6), l(65, 3, 3), 0),
            new Convolution(Conv2dGeometry.of(1, 1), 256, l(1, 7, 6), l(3, 3, 3), 1),
            new Convolution(Conv2dGeometry.of(2, 1), 40, l(3, 9, 9), l(70, 3, 3), 0),
            new Convolution(odd, 97, l(2, 8, 5), l(9, 4, 2), 3),
            new Convolution(Conv2dGeometry.of(1, 0), 513, l(130, 1, 1), l(66, 1, 1), 0),
            new Convolution(Conv2dGeometry.of(1, 2), 5, l(1, 1, 1), l(1, 3, 3), 0))
        .flatMap(
            c ->
                Arrays.stream(Outside.values())
                    .map(
                        outside ->
                            DynamicTest.dynamicTest(
                                c.geometry + " " + c.channels + " " + outside,
                                () -> convolves(c, outside))));
  }

  private static long[] l(long... values) {
    return values;
  }

  private void convolves(Convolution c, Outside outside) {
    try (TensorScope _ = TensorScope.open()) {
      Binary.XnorConv2d op = new Binary.XnorConv2d(c.geometry, c.channels, outside);
      Tensor alpha = Tensors.full(spec(DType.F32, c.filter[0]), 1, DEVICE);
      List<Tensor> in =
          List.of(
              words(c.offset, c.channels, c.image), words(c.offset, c.channels, c.filter), alpha);
      List<Tensor> moved = in.stream().map(t -> t.to(Device.REFERENCE)).toList();
      float[] want = Interpreter.current().apply1(op, moved).toFloats();
      for (Variant variant : Variant.values()) {
        Tensor got = run(BinaryCuda.xnor(op, specs(in), variant), op, in);
        assertArrayEquals(want, got.toFloats(), variant + "");
      }
    }
  }

  private record Filtered(Conv2dGeometry geometry, long[] image, long[] filter) {}

  /// Tiles that are cut at their ends, groups, strides, dilation, filters larger than the image.
  @TestFactory
  Stream<DynamicTest> floatsAreConvolvedAlike() {
    return Stream.of(
            new Filtered(Conv2dGeometry.of(1, 1), l(2, 9, 7, 20), l(70, 3, 3, 20)),
            new Filtered(Conv2dGeometry.of(2, 1), l(3, 11, 10, 3), l(130, 3, 3, 3)),
            new Filtered(Conv2dGeometry.of(1, 1).grouped(2), l(2, 6, 5, 8), l(6, 3, 2, 4)),
            new Filtered(new Conv2dGeometry(2, 3, 3, 2, 2, 1, 1), l(2, 8, 9, 17), l(5, 3, 4, 17)),
            new Filtered(Conv2dGeometry.of(1, 0), l(1, 13, 11, 140), l(150, 1, 1, 140)),
            new Filtered(Conv2dGeometry.of(1, 2), l(1, 2, 1, 5), l(3, 3, 3, 5)))
        .flatMap(
            c ->
                Stream.of(DType.F32, DType.F64, DType.BF16, DType.F16)
                    .map(
                        type ->
                            DynamicTest.dynamicTest(
                                c.geometry
                                    + " "
                                    + Arrays.toString(c.image)
                                    + " by "
                                    + Arrays.toString(c.filter)
                                    + " "
                                    + type,
                                () -> convolves(c, type))));
  }

  private Tensor floats(DType type, Shape shape) {
    float[] x = new float[Math.toIntExact(shape.elems())];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextFloat() - 0.5f;
    }
    return Tensor.of(x, shape.dims()).cast(type).to(DEVICE);
  }

  private void convolves(Filtered c, DType type) {
    try (TensorScope _ = TensorScope.open()) {
      Conv2dGeometry g = c.geometry;
      Tensor x = floats(type, Shape.of(c.image));
      Tensor w = floats(type, Shape.of(c.filter));
      Linear forward = new Linear.Conv2d(g);
      TensorSpec y = forward.infer(specs(List.of(x, w))).getFirst();
      Tensor dy = floats(type, y.shape());
      for (Role role : Role.values()) {
        Linear op =
            switch (role) {
              case FORWARD -> forward;
              case BACKWARD_DATA -> new Linear.Conv2dBackwardData(g, c.image[1], c.image[2]);
              case BACKWARD_WEIGHT -> new Linear.Conv2dBackwardWeight(g, c.filter[1], c.filter[2]);
            };
        List<Tensor> in =
            switch (role) {
              case FORWARD -> List.of(x, w);
              case BACKWARD_DATA -> List.of(dy, w);
              case BACKWARD_WEIGHT -> List.of(x, dy);
            };
        CudaOp readable = OwnConvolutions.readable(type, role, g, x.shape(), w.shape(), dy.shape());
        double[] want = run(readable, op, in).toDoubles();
        // What the device rounds to; sums of parts are added in another order.
        double tolerance =
            switch (type) {
              case F64 -> 1e-14;
              case F32 -> 1e-6;
              case F16 -> 1e-3;
              default -> 8e-3;
            };
        for (int per : new int[] {4, 8}) {
          for (long parts : role == Role.BACKWARD_WEIGHT ? l(1, 3, 50) : l(1)) {
            Tiles tiles = tiles(role, g, x.shape(), w.shape(), dy.shape(), per, parts);
            CudaOp tiled =
                OwnConvolutions.tiled(type, role, g, x.shape(), w.shape(), dy.shape(), tiles);
            double[] got = run(tiled, op, in).toDoubles();
            double most = Arrays.stream(want).map(Math::abs).max().orElseThrow();
            assertArrayEquals(want, got, 4 * tolerance * most, role + " " + tiles);
          }
        }
      }
    }
  }

  private static Tiles tiles(
      Role role, Conv2dGeometry g, Shape x, Shape w, Shape y, int per, long parts) {
    long kernels = y.dim(3) / g.groups();
    return switch (role) {
      case FORWARD -> new Tiles(per, y.elems() / y.dim(3), kernels, g.groups(), 1);
      case BACKWARD_DATA -> new Tiles(per, x.elems() / x.dim(3), w.dim(3), g.groups(), 1);
      case BACKWARD_WEIGHT -> new Tiles(per, kernels, w.elems() / w.dim(0), g.groups(), parts);
    };
  }

  /// Large tiles where they fill the device, none where they would be mostly empty.
  @Test
  void tilesFollowTheShape() {
    Conv2dGeometry same = Conv2dGeometry.of(1, 1);
    Shape image = Shape.of(256, 32, 32, 64);
    Shape filter = Shape.of(64, 3, 3, 64);
    assertEquals(
        new Tiles(4, 262_144, 64, 1, 1), Tiles.of(Role.FORWARD, same, image, filter, image));
    assertEquals(
        new Tiles(4, 64, 576, 1, 56), Tiles.of(Role.BACKWARD_WEIGHT, same, image, filter, image));
    Shape wide = Shape.of(256, 16, 16, 256);
    assertEquals(
        new Tiles(8, 65_536, 256, 1, 1),
        Tiles.of(Role.FORWARD, same, wide, Shape.of(256, 3, 3, 256), wide));
    Shape deep = Shape.of(2, 8, 8, 64);
    assertNull(
        Tiles.of(Role.FORWARD, same.grouped(64), deep, Shape.of(64, 3, 3, 1), deep), "depthwise");
    Shape none = Shape.of(0, 8, 8, 64);
    assertNull(Tiles.of(Role.FORWARD, same, none, filter, none));
    Shape long1 = Shape.of(1, 1, 1L << 29, 16);
    assertNull(Tiles.of(Role.FORWARD, same, long1, Shape.of(16, 1, 1, 16), long1), "32 bits");
  }

  private static TensorSpec spec(DType type, long... dims) {
    return new TensorSpec(type, Shape.of(dims));
  }

  private Tensor bytes(int offset, long... dims) {
    byte[] values = new byte[Math.toIntExact(Shape.of(dims).elems()) + offset];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (random.nextInt(256) - 128);
    }
    int[] wide = new int[values.length];
    Arrays.setAll(wide, i -> values[i]);
    return Tensor.of(wide, wide.length)
        .cast(DType.I8)
        .to(DEVICE)
        .narrow(0, offset, (long) wide.length - offset)
        .reshape(Shape.of(dims));
  }

  @TestFactory
  Stream<DynamicTest> bytesAreMultipliedAlike() {
    record Case(IntegerOp op, long[] x, long[] w, int offset) {}
    Conv2dGeometry one = Conv2dGeometry.of(1, 1);
    return Stream.of(
            new Case(new IntegerOp.IntMatMul(-128), l(70, 64), l(130, 64), 0),
            new Case(new IntegerOp.IntMatMul(3), l(5, 65), l(7, 65), 0),
            new Case(new IntegerOp.IntMatMul(127), l(5, 64), l(7, 64), 1),
            new Case(new IntegerOp.IntConv2d(one, 0), l(2, 5, 6, 16), l(66, 3, 3, 16), 0),
            new Case(new IntegerOp.IntConv2d(one, -128), l(2, 5, 6, 3), l(9, 3, 3, 3), 0),
            new Case(new IntegerOp.IntConv2d(one, 77), l(1, 3, 3, 70), l(2, 2, 3, 70), 2))
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.op + " " + Arrays.toString(c.x) + " behind " + c.offset,
                    () -> {
                      try (TensorScope _ = TensorScope.open()) {
                        List<Tensor> in = List.of(bytes(c.offset, c.x), bytes(c.offset, c.w));
                        List<Tensor> moved = in.stream().map(t -> t.to(Device.REFERENCE)).toList();
                        int[] want = Interpreter.current().apply1(c.op, moved).toInts();
                        for (Variant variant : Variant.values()) {
                          CudaOp op = IntegerCuda.product(c.op, specs(in), variant);
                          assertArrayEquals(want, run(op, c.op, in).toInts(), variant + "");
                        }
                      }
                    }));
  }

  /// All bytes at their bound: sums as long as they may be do not leave i32.
  @Test
  void theLongestSumFits() {
    try (TensorScope _ = TensorScope.open()) {
      long k = IntegerOp.LONGEST;
      Tensor low = Tensors.full(spec(DType.I8, 1, k), -128, DEVICE);
      for (Variant variant : Variant.values()) {
        IntegerOp op = new IntegerOp.IntMatMul(127);
        List<Tensor> in = List.of(low, low);
        int[] got = run(IntegerCuda.product(op, specs(in), variant), op, in).toInts();
        assertEquals(Math.toIntExact(255 * 128 * k), got[0], variant + "");
      }
    }
  }

  @Test
  void packedSignsAndFakeQuantisationAreThoseOfTheReadableKernels() {
    try (TensorScope _ = TensorScope.open()) {
      CudaDevice gpu = Emulation.gpu();
      int rows = 37;
      int channels = 70;
      float[] x = new float[rows * channels];
      for (int i = 0; i < x.length; i++) {
        x[i] = i % 9 == 0 ? -0f : i % 11 == 0 ? Float.NaN : random.nextFloat() - 0.5f;
      }
      Tensor t = Tensor.of(x, rows, channels).to(DEVICE);
      Tensor readable = Tensors.zeros(spec(DType.I32, rows, 3), DEVICE);
      gpu.kernel(BinaryCuda.SIGNS.with(DType.F32), "pack_signs_v1")
          .tensor(t)
          .tensor(readable)
          .i64(rows)
          .i64(channels)
          .i64(3)
          .run(Grid.of(5, 256));
      assertArrayEquals(readable.toInts(), t.packSigns().toInts());

      Tensor scale = Tensors.full(spec(DType.F32, channels), 0.1, DEVICE);
      Tensor zero = Tensors.full(spec(DType.F32, channels), 3, DEVICE);
      ibrik.tensor.op.QuantGrid grid = ibrik.tensor.op.QuantGrid.unsigned(3);
      Tensor v1 = Tensors.zeros(t.spec(), DEVICE);
      gpu.kernel(QuantizeCuda.FAKE_QUANTIZE.with(DType.F32), "fake_quantize_v1")
          .tensor(t)
          .tensor(scale)
          .tensor(zero)
          .tensor(v1)
          .i64(t.elems())
          .i64(channels)
          .i64(1)
          .i64(channels)
          .i64(channels)
          .struct(grid.low(), grid.high(), 0, 0, 0)
          .run(Grid.of(3, 256));
      assertArrayEquals(v1.toFloats(), t.fakeQuantize(scale, zero, grid, 1).toFloats());
    }
  }

  /// A device chooses by what it can do; the emulated one has the instruction.
  @Test
  void gridsOfVariants() {
    Images images = Images.ofRows(65, 8, 4_300_000);
    CudaDevice gpu = Emulation.gpu();
    assertEquals(Grid.of(2, 65535, 1, 256, 1), images.grid(Variant.TILE, gpu));
    assertEquals(gpu.fullGrid(), images.grid(Variant.V1, gpu).x());
  }
}
