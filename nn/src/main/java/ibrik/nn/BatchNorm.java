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
/// In train mode it normalises with the statistics of the batch and moves the running ones:
/// `running <- 0.9 running + 0.1 batch`, with the unbiased variance. The move is an update op and runs
/// below the tape. In eval mode it uses the running statistics.
///
/// **Source** Ioffe and Szegedy 2015, arXiv:1502.03167.
public final class BatchNorm extends Module {
  /// Share of the old running statistics that stays.
  private static final double DECAY = 0.9;

  private static final double EPS = 1e-5;

  private final int channels;
  private final Parameter gamma;
  private final Parameter beta;
  private final Variable mean;
  private final Variable variance;
  private final Variable decay;

  /// With scale and shift, starting at 1 and 0.
  public BatchNorm(Build build, int channels) {
    this(build, channels, 1);
  }

  /// With scale starting at `gammaStart`: 0 for the last norm of a residual branch, if wished.
  public BatchNorm(Build build, int channels, double gammaStart) {
    super(build);
    this.channels = channels;
    gamma = parameter("gamma", Parameter.Role.NORM_SCALE, Init.constant(gammaStart), channels);
    beta = parameter("beta", Parameter.Role.NORM_SHIFT, Init.constant(0), channels);
    mean = buffer("running_mean", 0, channels);
    variance = buffer("running_variance", 1, channels);
    decay = Variable.scalar("decay", DECAY, build.device());
  }

  @Override
  public Tensor forward(Tensor x) {
    if (!training()) {
      return x.batchNormInference(
          gamma.value(), beta.value(), mean.value(), variance.value(), EPS);
    }
    List<Tensor> out = x.batchNorm(gamma.value(), beta.value(), EPS);
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

  @Override
  public void close() {
    decay.close();
    super.close();
  }

  @Override
  protected String detail() {
    return Integer.toString(channels);
  }
}
