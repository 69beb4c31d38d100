package ibrik.nn;

import ibrik.nn.init.Init;
import ibrik.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// `y = x W^T + b`: `[*, in]` to `[*, out]`, weight `[out, in]`.
public final class Linear extends Module {
  private final Parameter weight;
  private final @Nullable Parameter bias;
  private final int in;
  private final int out;

  /// A layer with the usual uniform start, `±1 / sqrt(in)`.
  public Linear(Build build, int in, int out, boolean bias) {
    this(build, in, out, bias, Init.uniformFanIn());
  }

  /// A layer whose weight starts as `init` says; the bias is uniform in `±1 / sqrt(in)`.
  public Linear(Build build, int in, int out, boolean bias, Init init) {
    super(build);
    Sizes.positive("linear", "in", in);
    Sizes.positive("linear", "out", out);
    this.in = in;
    this.out = out;
    this.weight = parameter("weight", Parameter.Role.WEIGHT, init, out, in);
    this.bias =
        bias ? parameter("bias", Parameter.Role.BIAS, Init.uniform(1 / Math.sqrt(in)), out) : null;
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = x.matMul(weight.value(), false, true);
    return bias == null ? y : y.add(bias.value());
  }

  @Override
  protected String detail() {
    return in + " -> " + out + (bias == null ? ", no bias" : "");
  }
}
