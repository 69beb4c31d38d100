package ibrik.nn;

import ibrik.nn.init.Init;
import ibrik.tensor.Tensor;
import ibrik.tensor.op.Conv2dGeometry;

/// Convolution without bias: `[N,H,W,in]` to `[N,P,Q,out]`, weight `[out,R,S,in/groups]`, Kaiming
/// normal start.
public final class Conv2d extends Module {
  private final Parameter weight;
  private final Conv2dGeometry geometry;
  private final int in;
  private final int out;
  private final int kernel;

  /// A square kernel.
  public Conv2d(Build build, int in, int out, int kernel, int stride, int pad) {
    this(build, in, out, kernel, Conv2dGeometry.of(stride, pad));
  }

  /// A square kernel with any geometry.
  public Conv2d(Build build, int in, int out, int kernel, Conv2dGeometry geometry) {
    super(build);
    this.in = in;
    this.out = out;
    this.kernel = kernel;
    this.geometry = geometry;
    this.weight =
        parameter(
            "weight",
            Parameter.Role.WEIGHT,
            Init.kaimingNormal(),
            out,
            kernel,
            kernel,
            in / geometry.groups());
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.conv2d(weight.value(), geometry);
  }

  @Override
  protected String detail() {
    return in + " -> " + out + ", " + kernel + "x" + kernel + ", stride " + geometry.strideHeight();
  }
}
