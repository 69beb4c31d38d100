package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.op.Binary.Outside;
import ibrik.tensor.op.Binary.Signs;
import ibrik.tensor.op.Binary.Surrogate;
import ibrik.tensor.op.Conv2dGeometry;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Packed signs: the layout bit for bit, products and convolutions without any tolerance.
class XnorTest {
  private static final List<Device> DEVICES = List.of(Device.REFERENCE, Device.CPU);

  private long before;

  private static long liveBytes() {
    return Backends.all().stream().mapToLong(backend -> backend.memory(0).liveBytes()).sum();
  }

  @BeforeEach
  void count() {
    before = liveBytes();
  }

  @AfterEach
  void nothingLeaks() {
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  private static float[] row(int count, int factor, int modulus, int shift, float divisor) {
    float[] row = new float[count];
    for (int i = 0; i < count; i++) {
      row[i] = (factor * i % modulus - shift) / divisor;
    }
    return row;
  }

  private static Tensor ones(long count, Device device) {
    return Tensors.full(new TensorSpec(DType.F32, Shape.of(count)), 1, device);
  }

  @Test
  void fortyChannelsInTwoWords() {
    float[] a = row(40, 7, 11, 5, 4);
    float[] w = row(40, 5, 13, 6, 8);
    for (Device device : DEVICES) {
      try (TensorScope _ = TensorScope.open()) {
        Tensor x = Tensor.of(a, 1, 40).to(device).packSigns();
        Tensor y = Tensor.of(w, 1, 40).to(device).packSigns();
        int[] xw = x.toInts();
        int[] yw = y.toInts();
        assertArrayEquals(new int[] {0x49692d25, 0x4b}, xw);
        assertArrayEquals(new int[] {1231629605, 75}, xw);
        assertArrayEquals(new int[] {0x2d29694b, 0xa5}, yw);
        // Both forms of the product, from the words themselves.
        int p = bits(xw[0] ^ yw[0]) + bits(xw[1] ^ yw[1]);
        int pa = bits(xw[0]) + bits(xw[1]);
        int pw = bits(yw[0]) + bits(yw[1]);
        int both = bits(xw[0] & yw[0]) + bits(xw[1] & yw[1]);
        assertArrayEquals(new int[] {17, 18, 19, 10}, new int[] {p, pa, pw, both});
        assertEquals(6, 40 - 2 * p);
        assertEquals(6, 40 - 2 * pa - 2 * pw + 4 * both);
        assertEquals(6, x.xnorLinear(y, ones(1, device), 40).item());
        Tensor alpha = Tensor.of(w, 1, 40).to(device).abs().mean(List.of(1), false);
        assertEquals(.4125f, alpha.item(), 1e-7);
        assertEquals(6 * (float) alpha.item(), x.xnorLinear(y, alpha, 40).item());
      }
    }
  }

  private static int bits(int word) {
    return Integer.bitCount(word);
  }

  @Test
  void zerosAndNanArePositiveAndTheLastBitIsTheSignOfTheWord() {
    float[] x = new float[35];
    x[0] = -0f;
    x[1] = Float.NaN;
    x[2] = Float.NEGATIVE_INFINITY;
    x[31] = -Float.MIN_VALUE;
    x[34] = -1;
    for (Device device : DEVICES) {
      try (TensorScope _ = TensorScope.open()) {
        Tensor packed = Tensor.of(x).to(device).packSigns();
        assertArrayEquals(new int[] {Integer.MIN_VALUE | 4, 4}, packed.toInts());
        float[] signs = packed.unpackSigns(35, DType.F32).toFloats();
        for (int i = 0; i < signs.length; i++) {
          assertEquals(i == 2 || i == 31 || i == 34 ? -1f : 1f, signs[i]);
        }
      }
    }
  }

  /// Four channels, 3x3 image, 3x3 filter, all worked out by hand.
  @Test
  void threeMeaningsOfOutside() {
    float[] x = row(36, 5, 7, 3, 1);
    float[] w = row(36, 3, 5, 2, 1);
    for (Device device : DEVICES) {
      try (TensorScope _ = TensorScope.open()) {
        Tensor a = Tensor.of(x, 1, 3, 3, 4).to(device).packSigns();
        Tensor b = Tensor.of(w, 1, 3, 3, 4).to(device).packSigns();
        assertArrayEquals(new int[] {9, 12, 4, 6, 2, 3, 9, 9, 12}, a.toInts());
        assertArrayEquals(new int[] {5, 10, 4, 9, 2, 5, 10, 4, 9}, b.toInts());
        Conv2dGeometry g = Conv2dGeometry.of(1, 1);
        Tensor one = ones(1, device);
        assertArrayEquals(
            new float[] {-2, 4, 0, 4, 2, 0, -2, 2, 0},
            a.xnorConv2d(b, one, g, 4, Outside.ZERO).toFloats());
        assertArrayEquals(
            new float[] {0, 6, 2, 4, 2, 2, 0, 4, 4},
            a.xnorConv2d(b, one, g, 4, Outside.ONE).toFloats());
        assertArrayEquals(
            new float[] {-4, 2, -2, 4, 2, -2, -4, 0, -4},
            a.xnorConv2d(b, one, g, 4, Outside.MINUS).toFloats());
        assertArrayEquals(
            new float[] {-2, 0, -2, 0},
            a.xnorConv2d(b, one, Conv2dGeometry.of(2, 1), 4, Outside.ZERO).toFloats());
      }
    }
  }

  /// Sums of -1 and 1 are exact in f32, so packed and float convolutions agree to the bit, where
  /// the latter adds up as it is defined: [Winograd] rounds.
  @ParameterizedTest
  @CsvSource({
    "2,14,14,256,64,3,3,1,1,1",
    "1,9,8,40,33,3,3,1,1,1",
    "3,7,5,33,70,3,2,2,1,1",
    "1,6,3,1,1,5,5,1,2,1",
    "2,5,1,100,31,3,1,1,1,1",
    "1,10,11,65,5,3,3,1,2,2",
    "2,4,4,32,32,1,1,1,0,1",
  })
  void equalsTheFloatConvolutionBitForBit(
      int n, int h, int w, int c, int o, int r, int s, int stride, int pad, int dilation) {
    Conv2dGeometry g = new Conv2dGeometry(stride, stride, pad, pad, dilation, dilation, 1);
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = signs(1, n, h, w, c);
      Tensor k = signs(2, o, r, s, c);
      Tensor packed =
          x.packSigns().xnorConv2d(k.packSigns(), ones(o, Device.CPU), g, c, Outside.ZERO);
      assertArrayEquals(summed(x, k, g).toFloats(), packed.toFloats());
      // The image in a frame of signs, without padding, for the other two.
      Conv2dGeometry bare = new Conv2dGeometry(stride, stride, 0, 0, dilation, dilation, 1);
      for (Outside outside : List.of(Outside.ONE, Outside.MINUS)) {
        double value = outside == Outside.ONE ? 1 : -1;
        Tensor framed = x.sub(value).pad(1, pad, pad).pad(2, pad, pad).add(value);
        Tensor alpha =
            Tensors.normal(
                new TensorSpec(DType.F32, Shape.of(o)), 0, 1, Tensors.key(3, 0, Device.CPU));
        Tensor scaled = x.packSigns().xnorConv2d(k.packSigns(), alpha, g, c, outside);
        assertArrayEquals(summed(framed, k, bare).mul(alpha).toFloats(), scaled.toFloats());
      }
    }
  }

  private static Tensor summed(Tensor x, Tensor k, Conv2dGeometry g) {
    return x.to(Device.REFERENCE).conv2d(k.to(Device.REFERENCE), g).to(Device.CPU);
  }

  private static Tensor signs(long seed, long... dims) {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(dims));
    return Tensors.normal(spec, 0, 1, Tensors.key(seed, 0, Device.CPU))
        .signBinarize(Signs.SIGN2, Surrogate.CLIP);
  }

  @ParameterizedTest
  @EnumSource(Outside.class)
  void bitsDoNotDependOnThreads(Outside outside) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = signs(4, 3, 30, 30, 70).packSigns();
      Tensor k = signs(5, 50, 3, 3, 70).packSigns();
      float[] first = null;
      for (int threads : new int[] {1, 2, 4}) {
        Backends.threads(threads);
        float[] got =
            x.xnorConv2d(k, ones(50, Device.CPU), Conv2dGeometry.of(1, 1), 70, outside).toFloats();
        first = first == null ? got : first;
        assertArrayEquals(first, got);
      }
    } finally {
      Backends.threads(2);
    }
  }

  /// A product has the parity of its length and lies within it.
  @Test
  void productsHaveTheParityOfTheirLength() {
    try (TensorScope _ = TensorScope.open()) {
      for (int length : IntStream.of(1, 31, 32, 33, 63, 129).toArray()) {
        Tensor x = signs(6, 5, length);
        Tensor y = signs(7, 9, length);
        float[] got =
            x.packSigns().xnorLinear(y.packSigns(), ones(9, Device.CPU), length).toFloats();
        assertArrayEquals(x.matMul(y, false, true).toFloats(), got);
        for (float dot : got) {
          assertEquals(0, ((int) dot + length) % 2);
        }
      }
    }
  }

  @Test
  void wrongArgumentsSayWhatIsWrong() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor words = Tensor.of(new int[18], 1, 3, 3, 2);
      Tensor alpha = Tensor.of(new float[2]);
      assertMessage(
          "[xnor_conv2d] x and w must have 3 words for 65 channels; alpha must have one number per"
              + " filter of w; got x: i32[1,3,3,2], w: i32[1,3,3,2], alpha: f32[2]",
          () -> words.xnorConv2d(words, alpha, Conv2dGeometry.of(1, 1), 65, Outside.ZERO));
      assertMessage(
          "[xnor_conv2d] groups must be 1; got x: i32[1,3,3,2], w: i32[1,3,3,2], alpha: f32[2]",
          () ->
              words.xnorConv2d(words, alpha, Conv2dGeometry.of(1, 1).grouped(2), 64, Outside.ZERO));
      assertMessage(
          "[xnor_conv2d] channels must be at least 1; got 0",
          () -> words.xnorConv2d(words, alpha, Conv2dGeometry.of(1, 1), 0, Outside.ZERO));
      assertMessage(
          "[unpack_signs] the last axis must have 3 words for 65 channels; got words:"
              + " i32[1,3,3,2]",
          () -> words.unpackSigns(65, DType.F32));
      assertMessage(
          "[pack_signs] x must be floating point; got x: i32[1,3,3,2]; cast it with"
              + " cast(DType.F32)",
          words::packSigns);
    }
  }

  private static void assertMessage(String text, org.junit.jupiter.api.function.Executable body) {
    assertEquals(text, assertThrows(IllegalArgumentException.class, body).getMessage());
  }
}
