package ibrik.ssl.eval;

import ibrik.autograd.Tape;
import ibrik.nn.optim.WeightDecay;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import java.util.Map;

/// A linear classifier trained beside pre-training on the encoder's own features: a cheap view of
/// how good they are. It lags behind a probe fitted afterwards at first and meets it late.
///
/// It never touches the encoder: features are cut off from gradients, and its steps are not
/// recorded on the tape of the training step. SGD with momentum 0.9, no weight decay. Owns its
/// variables: close it to free them.
public final class OnlineProbe implements AutoCloseable {
  /// Learning rate where nothing else is known.
  public static final double DEFAULT_LR = 0.1;

  private final int features;
  private final int classes;
  private final LinearHead head;

  /// A probe on the cpu.
  ///
  /// @param features width of the features
  /// @param classes number of classes
  /// @param lr constant learning rate
  /// @param seed names the initial weights
  public OnlineProbe(int features, int classes, double lr, long seed) {
    this(features, classes, lr, seed, Device.CPU);
  }

  /// A probe on `device`.
  public OnlineProbe(int features, int classes, double lr, long seed, Device device) {
    this.features = features;
    this.classes = classes;
    this.head =
        new LinearHead(features, classes, lr, 0.9, false, WeightDecay.weights(0), seed, device);
  }

  /// What a step saw, before it changed the weights.
  ///
  /// @param loss mean cross-entropy, natural logarithm
  /// @param accuracy share of rows classified rightly
  public record Step(double loss, double accuracy) {}

  /// [Step] on the device: 0-d tensors.
  public record Answer(Tensor loss, Tensor accuracy) {}

  /// Trains on one batch and says how well it was classified before. Reads two numbers back from
  /// the device; [#answer] and [#update] do not.
  ///
  /// @param x features `[B, features]`, f32
  /// @param labels i32 `[B]`, each a class
  public Step step(Tensor x, Tensor labels) {
    try (TensorScope _ = TensorScope.open()) {
      Answer answer = answer(x, labels);
      return new Step(answer.loss.item(), answer.accuracy.item());
    }
  }

  /// [#step] for a step that is captured: the answer stays on the device, in the innermost scope.
  public Answer answer(Tensor x, Tensor labels) {
    check(x);
    return Tape.pause(
        () -> {
          try (TensorScope scope = TensorScope.open()) {
            Tensor logits = head.step(x, labels);
            Tensor right = logits.argMax(-1).equal(labels).cast(ibrik.tensor.DType.F32);
            return new Answer(
                scope.keep(logits.softmaxCrossEntropy(labels).mean()), scope.keep(right.mean()));
          }
        });
  }

  /// [#step] without the answer: nothing is read back.
  public void update(Tensor x, Tensor labels) {
    check(x);
    try (TensorScope _ = TensorScope.open()) {
      head.step(x, labels).close();
    }
  }

  private void check(Tensor x) {
    if (x.rank() != 2 || x.dim(1) != features) {
      throw new IllegalArgumentException(
          "[online_probe] features must be [B, " + features + "]; got " + x.spec());
    }
  }

  /// Share of the items of `bank` that it classifies rightly now.
  public double accuracy(FeatureBank bank) {
    if (bank.classes() != classes) {
      throw new IllegalArgumentException(
          "[online_probe] was made for " + classes + " classes; got " + bank);
    }
    return classifier().predict(bank, head.lr().value().device()).accuracy();
  }

  /// The present weights, copied.
  public LinearClassifier classifier() {
    return head.classifier(Scaler.NONE);
  }

  /// Weights and moments by name: what a checkpoint holds. Restored, training goes on bit for bit.
  public Map<String, Variable> state() {
    return head.state();
  }

  @Override
  public void close() {
    head.close();
  }
}
