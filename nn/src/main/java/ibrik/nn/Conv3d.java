package ibrik.nn;

import ibrik.nn.init.Init;
import ibrik.tensor.Tensor;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Conv3dGeometry;
import org.jspecify.annotations.Nullable;

/// Convolution of videos, with a kernel of `taps` frames of `kernel` by `kernel` pixels:
/// `[N,D,H,W,in]` to `[N,O,P,Q,out]`, weight `[out,T,R,S,in/groups]`.
public final class Conv3d extends Module {
  private final Parameter weight;
  private final @Nullable Parameter bias;
  private final Conv3dGeometry geometry;
  private final int in;
  private final int out;
  private final int taps;
  private final int kernel;

  /// Without bias, Kaiming normal start: for a batch norm behind it. Kernel in frames and pixels,
  /// the same stride along all axes, padded so that a stride of 1 keeps the size.
  public Conv3d(Build build, int in, int out, int taps, int kernel, int stride) {
    this(
        build,
        in,
        out,
        taps,
        kernel,
        new Conv3dGeometry(stride, taps / 2, 1, Conv2dGeometry.of(stride, kernel / 2)),
        false,
        Init.kaimingNormal());
  }

  /// Any geometry, bias and start; a bias starts at 0.
  public Conv3d(
      Build build,
      int in,
      int out,
      int taps,
      int kernel,
      Conv3dGeometry geometry,
      boolean bias,
      Init init) {
    super(build);
    Sizes.positive("conv3d", "in", in);
    Sizes.positive("conv3d", "out", out);
    Sizes.positive("conv3d", "taps", taps);
    Sizes.positive("conv3d", "kernel", kernel);
    int groups = geometry.image().groups();
    if (in % groups != 0 || out % groups != 0) {
      throw new IllegalArgumentException(
          "[conv3d] groups must divide the channels in and out; got "
              + groups
              + " groups, "
              + in
              + " in, "
              + out
              + " out");
    }
    this.in = in;
    this.out = out;
    this.taps = taps;
    this.kernel = kernel;
    this.geometry = geometry;
    this.weight =
        parameter("weight", Parameter.Role.WEIGHT, init, out, taps, kernel, kernel, in / groups);
    this.bias = bias ? parameter("bias", Parameter.Role.BIAS, Init.constant(0), out) : null;
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = x.conv3d(weight.value(), geometry);
    return bias == null ? y : y.add(bias.value());
  }

  /// The weight `[out,T,R,S,in/groups]`.
  public Parameter weight() {
    return weight;
  }

  /// The bias `[out]`, if there is one.
  public @Nullable Parameter bias() {
    return bias;
  }

  /// Stride, padding, dilation and groups.
  public Conv3dGeometry geometry() {
    return geometry;
  }

  @Override
  protected String detail() {
    return in
        + " -> "
        + out
        + ", "
        + taps
        + "x"
        + kernel
        + "x"
        + kernel
        + ", stride "
        + geometry.stride()
        + "x"
        + geometry.image().strideHeight();
  }
}
