package ibrik.nn;

import ibrik.autograd.Tape;
import ibrik.nn.init.Init;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Update;
import java.util.List;

/// Batch normalisation over the last axis, for `[N,C]` (1-d) and `[N,H,W,C]` (2-d) alike.
///
/// **Math** `y = (x - mean) / sqrt(variance + 1e-5) * gamma + beta`, per channel. In train mode
/// mean and (biased) variance are those of the batch, and each forward pass moves the running ones:
/// `running <- 0.9 running + 0.1 batch`, with the unbiased variance. That move is an update op and
/// runs below the tape. In eval mode the running statistics are used.
///
/// Of x in bf16 the result is bf16, rounded once; parameters and statistics stay f32.
///
/// **Source** Ioffe and Szegedy 2015, arXiv:1502.03167.
public final class BatchNorm extends Module {
  /// What is learnt behind the normalisation.
  public enum Affine {
    /// Scale gamma and shift beta.
    FULL,
    /// Scale only, as at the end of SimCLR's projector.
    SCALE,
    /// Nothing.
    NONE
  }

  /// Share of the old running statistics that stays.
  private static final double DECAY = 0.9;

  private static final double EPS = 1e-5;

  private final int channels;
  private final Affine affine;
  private final Variable gamma;
  private final Variable beta;
  private final Variable mean;
  private final Variable variance;
  private final Variable decay;

  /// With scale and shift, starting at 1 and 0.
  public BatchNorm(Build build, int channels) {
    this(build, channels, Affine.FULL, 1);
  }

  /// With what is learnt, and the start of the scale: 0 for the last norm of a residual branch, if
  /// wished.
  public BatchNorm(Build build, int channels, Affine affine, double gammaStart) {
    super(build);
    Sizes.positive("batch_norm", "channels", channels);
    this.channels = channels;
    this.affine = affine;
    gamma =
        affine == Affine.NONE
            ? constant("gamma", gammaStart, channels)
            : parameter("gamma", Parameter.Role.NORM_SCALE, Init.constant(gammaStart), channels)
                .variable();
    beta =
        affine == Affine.FULL
            ? parameter("beta", Parameter.Role.NORM_SHIFT, Init.constant(0), channels).variable()
            : constant("beta", 0, channels);
    mean = buffer("running_mean", 0, channels);
    variance = buffer("running_variance", 1, channels);
    decay = constant("decay", DECAY);
  }

  @Override
  public Tensor forward(Tensor x) {
    return training()
        ? moving(x, x.batchNorm(gamma.value(), beta.value(), EPS))
        : x.batchNormInference(gamma.value(), beta.value(), mean.value(), variance.value(), EPS);
  }

  /// [#forward], then ReLU; one op in train mode.
  public Tensor relu(Tensor x) {
    return training()
        ? moving(x, x.batchNormRelu(gamma.value(), beta.value(), EPS))
        : forward(x).relu();
  }

  /// [#forward] plus `residual`, of the shape of x, then ReLU: the end of a residual block; one op
  /// in train mode.
  public Tensor addRelu(Tensor x, Tensor residual) {
    return training()
        ? moving(x, x.batchNormAddRelu(gamma.value(), beta.value(), residual, EPS))
        : forward(x).add(residual).relu();
  }

  /// The first of `y`, `mean`, `variance`; the others move the running statistics.
  private Tensor moving(Tensor x, List<Tensor> out) {
    Tape.pause(() -> moveRunning(out.get(1), out.get(2), (double) x.elems() / channels));
    return out.getFirst();
  }

  private boolean moveRunning(Tensor batchMean, Tensor batchVariance, double count) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor unbiased = batchVariance.mul(count / Math.max(count - 1, 1));
      Interpreter.current()
          .apply(
              new Update.Ema(2),
              List.of(mean.value(), variance.value(), batchMean, unbiased, decay.value()));
      return true;
    }
  }

  /// What eval mode multiplies each channel with: `gamma / sqrt(running variance + 1e-5)`.
  public Tensor evalScale() {
    return gamma.value().mul(variance.value().add(EPS).rsqrt());
  }

  /// What eval mode adds to each channel afterwards: `beta - running mean * scale`.
  public Tensor evalShift() {
    return beta.value().sub(mean.value().mul(evalScale()));
  }

  @Override
  protected String detail() {
    return channels
        + switch (affine) {
          case FULL -> "";
          case SCALE -> ", scale only";
          case NONE -> ", no affine";
        };
  }
}
