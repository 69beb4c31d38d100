package ibrik.ssl.train;

import ibrik.autograd.NanGuard;
import ibrik.autograd.NonFiniteException;
import ibrik.autograd.Tape;
import ibrik.nn.Parameter;
import ibrik.ssl.data.Batch;
import ibrik.ssl.eval.OnlineProbe;
import ibrik.ssl.method.Method;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One step of training: views to the device, loss, gradients, optimiser, what follows, probe.
final class TrainStep {
  /// As in the monitors of whole feature banks: keeps a row of zeros at zero.
  private static final double UNIT_EPS = 1e-12;

  private final TrainingState state;
  private final Device device;
  private final List<Tensor> parameters;

  TrainStep(TrainingState state, Device device) {
    this.state = state;
    this.device = device;
    this.parameters = state.method().trainable().stream().map(Parameter::value).toList();
  }

  /// Changes the state by one step and returns what was seen, by name: `loss`, `grad_norm`,
  /// `embedding_std`, and for a probe `probe_loss` and `probe_train_accuracy`.
  ///
  /// @param step counted over all epochs, from 0
  /// @throws DivergedException if the loss or a gradient is no finite number; parameters are then
  ///   as they were before the step
  Map<String, Double> run(long step, Batch batch) {
    state.moveTo(step, batch.indices());
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> views = upload(batch);
      Tensor labels =
          Tensor.copyOf(
              MemorySegment.ofArray(batch.labels()),
              new TensorSpec(DType.I32, Shape.of(batch.size())),
              device);
      Map<String, Double> seen = update(step, views, labels);
      state.method().afterStep();
      return seen;
    }
  }

  /// The views on the device, in the innermost scope.
  List<Tensor> upload(Batch batch) {
    List<Tensor> views = new ArrayList<>();
    for (int v = 0; v < batch.views().size(); v++) {
      TensorSpec spec = new TensorSpec(DType.F32, batch.shapes().get(v));
      views.add(Tensor.copyOf(batch.views().get(v), spec, device));
    }
    return views;
  }

  private Map<String, Double> update(long step, List<Tensor> views, Tensor labels) {
    Method.@Nullable Pass[] seen = new Method.Pass[1];
    try (Tape.Run run =
        Tape.record(
            () -> {
              Method.Pass pass = state.method().forward(views, labels);
              seen[0] = pass;
              return pass.loss();
            })) {
      Method.Pass pass = Objects.requireNonNull(seen[0]);
      List<Tensor> gradients = run.gradients(parameters);
      Map<String, Double> numbers = new LinkedHashMap<>();
      numbers.put("loss", pass.loss().item());
      numbers.put("grad_norm", norm(gradients));
      for (Map.Entry<String, Double> number : numbers.entrySet()) {
        if (!Double.isFinite(number.getValue())) {
          throw diverged(step, number.getKey(), views, labels);
        }
      }
      state.optimizer().step(gradients);
      numbers.put("embedding_std", std(pass.embeddings()));
      OnlineProbe probe = state.probe();
      if (probe != null && Arrays.stream(labels.toInts()).noneMatch(label -> label < 0)) {
        OnlineProbe.Step probed = probe.step(pass.features(), labels);
        numbers.put("probe_loss", probed.loss());
        numbers.put("probe_train_accuracy", probed.accuracy());
      }
      return numbers;
    }
  }

  /// Euclidean norm over all gradients.
  private static double norm(List<Tensor> gradients) {
    try (TensorScope _ = TensorScope.open()) {
      double squares = 0;
      for (Tensor gradient : gradients) {
        squares += gradient.square().sum().item();
      }
      return Math.sqrt(squares);
    }
  }

  /// Mean over dimensions of the deviation (n-1) over rows of unit length.
  private static double std(Tensor embeddings) {
    return Tape.pause(
        () -> {
          try (TensorScope _ = TensorScope.open()) {
            long rows = embeddings.dim(0);
            if (rows < 2) {
              return 0.0;
            }
            Tensor unit = embeddings.l2Normalize(UNIT_EPS);
            Tensor centred = unit.sub(unit.mean(List.of(0), true));
            Tensor variance = centred.square().sum(List.of(0), false).div(rows - 1.0);
            return variance.sqrt().mean().item();
          }
        });
  }

  /// Runs the step once more under a guard that finds where it began.
  private DivergedException diverged(long step, String what, List<Tensor> views, Tensor labels) {
    String first;
    try {
      first =
          NanGuard.watch(
              () -> {
                try (TensorScope _ = TensorScope.open();
                    Tape.Run run =
                        Tape.record(() -> state.method().forward(views, labels).loss())) {
                  run.gradients(parameters);
                  return "no single op: the sum of squares of the gradients is too large";
                }
              });
    } catch (NonFiniteException found) {
      first = Objects.requireNonNull(found.getMessage());
    }
    return new DivergedException(what, step, first);
  }
}
