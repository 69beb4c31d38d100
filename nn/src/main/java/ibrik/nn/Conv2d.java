package ibrik.nn;

import ibrik.nn.init.Init;
import ibrik.tensor.Tensor;
import ibrik.tensor.op.Conv2dGeometry;
import org.jspecify.annotations.Nullable;

/// Convolution with a square kernel: `[N,H,W,in]` to `[N,P,Q,out]`, weight `[out,R,S,in/groups]`.
/// The result is bf16 with [Precision#BF16], else of the weight's type.
public final class Conv2d extends Module {
  private final Parameter weight;
  private final @Nullable Parameter bias;
  private final Conv2dGeometry geometry;
  private final int in;
  private final int out;
  private final int kernel;
  private final Precision precision;

  /// Without bias, Kaiming normal start: for a batch norm behind it. Kernel, stride and padding in
  /// pixels.
  public Conv2d(Build build, int in, int out, int kernel, int stride, int pad) {
    this(build, in, out, kernel, Conv2dGeometry.of(stride, pad), false, Init.kaimingNormal());
  }

  /// Any geometry, bias and start; a bias starts at 0.
  public Conv2d(
      Build build, int in, int out, int kernel, Conv2dGeometry geometry, boolean bias, Init init) {
    super(build);
    Sizes.positive("conv2d", "in", in);
    Sizes.positive("conv2d", "out", out);
    Sizes.positive("conv2d", "kernel", kernel);
    int groups = geometry.groups();
    if (in % groups != 0 || out % groups != 0) {
      throw new IllegalArgumentException(
          "[conv2d] groups must divide the channels in and out; got "
              + groups
              + " groups, "
              + in
              + " in, "
              + out
              + " out");
    }
    this.in = in;
    this.out = out;
    this.kernel = kernel;
    this.geometry = geometry;
    this.precision = build.precision();
    this.weight =
        parameter("weight", Parameter.Role.WEIGHT, init, out, kernel, kernel, in / groups);
    this.bias = bias ? parameter("bias", Parameter.Role.BIAS, Init.constant(0), out) : null;
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = precision.conv2d(x, weight.value(), geometry);
    return bias == null ? y : y.add(bias.value().as(y.dtype()));
  }

  /// The weight `[out,R,S,in/groups]`.
  public Parameter weight() {
    return weight;
  }

  /// The bias `[out]`, if there is one.
  public @Nullable Parameter bias() {
    return bias;
  }

  /// Stride, padding, dilation and groups.
  public Conv2dGeometry geometry() {
    return geometry;
  }

  @Override
  protected String detail() {
    return in + " -> " + out + ", " + kernel + "x" + kernel + ", stride " + geometry.strideHeight();
  }
}
