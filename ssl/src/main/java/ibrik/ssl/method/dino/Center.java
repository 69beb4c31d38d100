package ibrik.ssl.method.dino;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Module;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Update;
import java.util.List;

/// The running mean of the teacher's outputs, eq. 4: `c <- m c + (1 - m) mean over the batch`, of
/// both large views. It starts at 0 and moves after the step whose loss read it.
final class Center extends Module {
  private final Variable center;
  private final Variable batchMean;
  private final Variable momentum;

  /// @param outputs K
  /// @param share m, in `[0, 1]`
  Center(Build build, int outputs, double share) {
    super(build);
    center = buffer("value", 0, outputs);
    batchMean = constant("batch_mean", 0, outputs);
    momentum = constant("momentum", share);
  }

  /// `x - c`.
  @Override
  public Tensor forward(Tensor x) {
    return x.sub(center.value());
  }

  /// c, `[K]`.
  Tensor value() {
    return center.value();
  }

  /// Keeps the mean of the outputs of this step, `[N, K]`, until [#move()].
  void stage(Tensor outputs) {
    Tape.pause(
        () -> {
          try (TensorScope _ = TensorScope.open()) {
            batchMean.set(outputs.mean(List.of(0), false));
            return true;
          }
        });
  }

  /// Moves toward what was staged. Call it after the optimiser.
  void move() {
    Interpreter.current()
        .apply(new Update.Ema(1), List.of(center.value(), batchMean.value(), momentum.value()));
  }
}
