package ibrik.ssl.eval;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Linear;
import ibrik.nn.Parameter;
import ibrik.nn.init.Init;
import ibrik.nn.optim.Sgd;
import ibrik.nn.optim.WeightDecay;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One linear layer and the SGD that trains it: what probes are made of. Weights start normal with
/// deviation 0.01, biases at 0.
final class LinearHead implements AutoCloseable {
  private final Linear linear;
  private final Variable lr;
  private final Sgd optimizer;

  LinearHead(
      int features,
      int classes,
      double rate,
      double momentum,
      boolean nesterov,
      WeightDecay decay,
      long seed,
      Device device) {
    this.linear = layer(features, classes, seed, device);
    this.lr = Variable.scalar("probe.lr", rate, device);
    this.optimizer = new Sgd(linear.parameters(), lr, momentum, nesterov, decay);
  }

  /// The layer alone, as it starts.
  static Linear layer(int features, int classes, long seed, Device device) {
    Build build = new Build(ibrik.tensor.DType.F32, device, seed, "probe");
    return new Linear(build, features, classes, Init.normal(0.01), Init.constant(0));
  }

  Variable lr() {
    return lr;
  }

  /// One step on rows `x [B, features]` with i32 labels `y [B]`. Neither the caller's tape nor what
  /// lies behind `x` sees it. Returns the logits before the step, in the innermost scope.
  Tensor step(Tensor x, Tensor y) {
    return Tape.pause(
        () -> {
          try (TensorScope scope = TensorScope.open()) {
            Tensor[] logits = new Tensor[1];
            try (Tape.Run run =
                Tape.record(
                    () -> {
                      logits[0] = linear.forward(x);
                      return logits[0].softmaxCrossEntropy(y).mean();
                    })) {
              optimizer.step(
                  run.gradients(linear.parameters().stream().map(Parameter::value).toList()));
              return scope.keep(run.keep(logits[0]));
            }
          }
        });
  }

  /// Parameters and moments by name.
  Map<String, Variable> state() {
    Map<String, Variable> state = new LinkedHashMap<>(linear.stateDict());
    state.putAll(optimizer.state());
    return state;
  }

  /// The present weights, copied.
  LinearClassifier classifier(Scaler scaler) {
    return classifier(linear, scaler);
  }

  /// The present weights of `layer`, copied.
  static LinearClassifier classifier(Linear layer, Scaler scaler) {
    List<Parameter> parameters = layer.parameters();
    return new LinearClassifier(
        parameters.getFirst().value().toDoubles(),
        parameters.getLast().value().toDoubles(),
        scaler);
  }

  @Override
  public void close() {
    optimizer.close();
    lr.close();
    linear.close();
  }
}
