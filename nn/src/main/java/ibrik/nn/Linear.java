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
  private final Precision precision;

  /// A layer with the usual uniform start, `±1 / sqrt(in)`.
  public Linear(Build build, int in, int out, boolean bias) {
    this(build, in, out, bias, Init.uniformFanIn());
  }

  /// A layer whose weight starts as `init` says; the bias is uniform in `±1 / sqrt(in)`.
  public Linear(Build build, int in, int out, boolean bias, Init init) {
    this(build, in, out, init, bias ? Init.uniform(1 / Math.sqrt(in)) : null);
  }

  /// A layer whose weight and bias start as told; null for no bias.
  public Linear(Build build, int in, int out, Init init, @Nullable Init biasInit) {
    super(build);
    Sizes.positive("linear", "in", in);
    Sizes.positive("linear", "out", out);
    this.in = in;
    this.out = out;
    this.precision = build.precision();
    this.weight = parameter("weight", Parameter.Role.WEIGHT, init, out, in);
    this.bias = biasInit == null ? null : parameter("bias", Parameter.Role.BIAS, biasInit, out);
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = precision.matMul(x, weight.value(), true);
    return bias == null ? y : y.add(bias.value());
  }

  /// The weight `[out, in]`.
  public Parameter weight() {
    return weight;
  }

  /// The bias `[out]`, if there is one.
  public @Nullable Parameter bias() {
    return bias;
  }

  @Override
  protected String detail() {
    return in + " -> " + out + (bias == null ? ", no bias" : "");
  }
}
