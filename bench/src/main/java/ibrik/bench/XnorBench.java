package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// `xnor_conv2d` beside `conv2d` on the same signs as floats: `x [N,H,W,C]`, `w [K,R,R,C]`, square
/// images, padding R/2. Both count as 2 N P P K R R C flops; the packed one reads C/8 bytes per
/// pixel where the other reads 4 C.
public class XnorBench extends OpBench {
  /// `NxHxCxKxRxstride`: the middle of a binary ResNet-18 and of ReActNet-A at 224 pixels.
  @Param({"8x14x256x256x3x1", "8x28x128x128x3x1", "8x14x512x512x1x1"})
  public String layer = "8x14x256x256x3x1";

  private Binary.XnorConv2d packed =
      new Binary.XnorConv2d(Conv2dGeometry.of(1, 1), 1, Binary.Outside.ZERO);
  private Linear.Conv2d floats = new Linear.Conv2d(packed.geometry());
  private final Binary.PackSigns packing = new Binary.PackSigns();
  private List<Tensor> bits = List.of();
  private List<Tensor> signs = List.of();
  private List<Tensor> image = List.of();
  private Work packedWork = new Work(0, 0);
  private Work floatWork = new Work(0, 0);
  private Work packingWork = new Work(0, 0);

  /// JMH makes it.
  public XnorBench() {}

  /// Makes the inputs and checks that both agree, to the whole number: convolutions of floats may
  /// round.
  @Setup(Level.Trial)
  public void open() {
    long[] sizes = Sizes.parse(layer, 6);
    long h = sizes[1];
    long c = sizes[2];
    long k = sizes[3];
    long r = sizes[4];
    Conv2dGeometry g = Conv2dGeometry.of((int) sizes[5], (int) (r / 2));
    packed = new Binary.XnorConv2d(g, c, Binary.Outside.ZERO);
    floats = new Linear.Conv2d(g);
    Tensor x = derived(input(sizes[0], h, h, c), XnorBench::signs);
    Tensor w = derived(input(k, r, r, c), XnorBench::signs);
    image = List.of(x);
    signs = List.of(x, w);
    bits = List.of(derived(x, Tensor::packSigns), derived(w, Tensor::packSigns), filled(1, k));
    packedWork = Work.of(packed, bits.stream().map(Tensor::spec).toList());
    floatWork = Work.of(floats, signs.stream().map(Tensor::spec).toList());
    packingWork = Work.of(packing, List.of(x.spec()));
    checkEqual();
  }

  private static Tensor signs(Tensor x) {
    return x.signBinarize(Binary.Signs.SIGN2, Binary.Surrogate.CLIP);
  }

  private void checkEqual() {
    try (TensorScope _ = TensorScope.open()) {
      float[] want = signs.get(0).conv2d(signs.get(1), packed.geometry()).toFloats();
      float[] got =
          bits.get(0)
              .xnorConv2d(
                  bits.get(1), bits.get(2), packed.geometry(), packed.channels(), packed.outside())
              .toFloats();
      for (int i = 0; i < want.length; i++) {
        want[i] = (float) Math.rint(want[i]) + 0f; // -0 becomes 0
      }
      int at = Arrays.mismatch(got, want);
      if (at >= 0) {
        throw new IllegalStateException(
            "[xnor_conv2d] element "
                + at
                + " must be "
                + want[at]
                + "; got "
                + got[at]
                + "; the kernel is wrong, so its speed is not measured");
      }
    }
  }

  /// The packed convolution.
  @Benchmark
  public double xnor(Rates rates) {
    return run(packed, bits, packedWork, rates);
  }

  /// The convolution of the same signs as floats.
  @Benchmark
  public double conv2d(Rates rates) {
    return run(floats, signs, floatWork, rates);
  }

  /// Packing the image.
  @Benchmark
  public double pack(Rates rates) {
    return run(packing, image, packingWork, rates);
  }
}
