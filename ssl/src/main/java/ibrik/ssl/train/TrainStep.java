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
import ibrik.tensor.Tensors;
import ibrik.tensor.Variable;
import ibrik.tensor.backend.Feed;
import ibrik.tensor.backend.Readout;
import ibrik.tensor.exec.Plan;
import ibrik.tensor.exec.Program;
import ibrik.tensor.exec.ShapeOnly;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One step of training: views to the device, loss, gradients, optimiser, what follows, probe.
///
/// The first step is traced into two programs, which all steps replay: one ends with the gradients,
/// the other begins with the optimiser. Between them the host looks whether loss and gradients are
/// finite, so that a diverged step changes no parameter: the one place where it waits for the
/// device. While the second runs, the host prepares the next step; batches travel while the device
/// computes. Owns the programs and the variables that hold the batch: close it to free them.
final class TrainStep implements AutoCloseable {
  /// As in the monitors of whole feature banks: keeps a row of zeros at zero.
  private static final double UNIT_EPS = 1e-12;

  private final TrainingState state;
  private final Device device;
  private final List<Tensor> parameters;
  private final List<Variable> views = new ArrayList<>();
  private final Variable labels;
  private final List<Feed> feeds = new ArrayList<>();
  private @Nullable Batch staged;
  private @Nullable Program gradients;
  private @Nullable Program update;
  private @Nullable Program probedUpdate;
  private @Nullable Readout seenNumbers;
  private @Nullable Readout probeNumbers;
  private boolean answering;

  /// @param shapes of the views, `[B,H,W,C]` each
  TrainStep(TrainingState state, List<Shape> shapes, Device device) {
    this.state = state;
    this.device = device;
    for (int v = 0; v < shapes.size(); v++) {
      views.add(Variable.zeros("view" + v, new TensorSpec(DType.F32, shapes.get(v)), device));
    }
    Shape batch = Shape.of(shapes.getFirst().dim(0));
    this.labels = Variable.zeros("labels", new TensorSpec(DType.I32, batch), device);
    this.parameters = state.method().trainable().stream().map(Parameter::value).toList();
  }

  /// What the first program leaves for the host and for the second.
  private record Seen(Tensor loss, Tensor norm, Tensor std, Tensor features, List<Tensor> grads) {
    static Seen of(List<Tensor> outputs) {
      return new Seen(
          outputs.get(0),
          outputs.get(1),
          outputs.get(2),
          outputs.get(3),
          outputs.subList(4, outputs.size()));
    }

    List<Tensor> outputs() {
      List<Tensor> all = new ArrayList<>(List.of(loss, norm, std, features));
      all.addAll(grads);
      return all;
    }
  }

  /// Sends the batch of the next step on its way to the device, which may be at work.
  ///
  /// @param batch of the same size in every step; its memory may be used again once this returns
  void stage(Batch batch) {
    if (feeds.isEmpty()) {
      views.forEach(view -> feeds.add(Feed.into(view)));
      feeds.add(Feed.into(labels));
    }
    for (int v = 0; v < views.size(); v++) {
      feeds.get(v).stage(batch.views().get(v));
    }
    feeds.getLast().stage(MemorySegment.ofArray(batch.labels()));
    staged = batch;
  }

  /// What a step tells, by name.
  ///
  /// @param own of this step: `loss`, `grad_norm`, `embedding_std`
  /// @param late of the step before, as [#late]; empty if that was asked for
  record Numbers(Map<String, Double> own, Map<String, Double> late) {}

  /// Changes the state by one step over the batch that was staged.
  ///
  /// @param step counted over all epochs, from 0
  /// @param meanwhile what the host does while the device computes gradients: staging a batch
  /// @throws DivergedException if the loss or a gradient is no finite number; parameters are then
  ///   as they were before the step
  @SuppressWarnings("MustBeClosedChecker") // the programs close with the step
  Numbers run(long step, Runnable meanwhile) {
    Batch batch = Objects.requireNonNull(staged, "no batch was staged");
    state.moveTo(step, batch.indices());
    feeds.forEach(Feed::deliver);
    if (gradients == null) {
      gradients = Program.capture(() -> gradients().outputs());
      Seen first = Seen.of(gradients.outputs());
      seenNumbers = Readout.of(List.of(first.loss, first.norm, first.std));
    }
    gradients.replay();
    Readout monitors = Objects.requireNonNull(seenNumbers);
    monitors.request();
    meanwhile.run();
    Seen seen = Seen.of(gradients.outputs());
    Map<String, Double> own = new LinkedHashMap<>();
    own.put("loss", monitors.number(0));
    own.put("grad_norm", Math.sqrt(monitors.number(1)));
    for (Map.Entry<String, Double> number : own.entrySet()) {
      if (!Double.isFinite(number.getValue())) {
        throw diverged(step, number.getKey());
      }
    }
    own.put("embedding_std", monitors.number(2));
    Map<String, Double> late = late();
    OnlineProbe probe = state.probe();
    if (probe != null && Arrays.stream(batch.labels()).noneMatch(label -> label < 0)) {
      if (probedUpdate == null) {
        probedUpdate = Program.capture(() -> update(seen, probe));
        probeNumbers = Readout.of(probedUpdate.outputs());
      }
      probedUpdate.replay();
      Objects.requireNonNull(probeNumbers).request();
      answering = true;
    } else {
      if (update == null) {
        update = Program.capture(() -> update(seen, null));
      }
      update.replay();
    }
    return new Numbers(own, late);
  }

  /// What comes after the parameters have changed, and is not waited for in a step: the probe's
  /// `probe_loss` and `probe_train_accuracy`. Empty if it was given out or there is no probe.
  Map<String, Double> late() {
    Map<String, Double> numbers = new LinkedHashMap<>();
    if (answering) {
      Readout answer = Objects.requireNonNull(probeNumbers);
      numbers.put("probe_loss", answer.number(0));
      numbers.put("probe_train_accuracy", answer.number(1));
      answering = false;
    }
    return numbers;
  }

  /// What [#run] needs. Nothing is computed; the gradients' memory is taken for a moment.
  Work work() {
    Plan first = ShapeOnly.plan(() -> gradients().outputs());
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> standIns = first.outputs().stream().map(s -> Tensors.zeros(s, device)).toList();
      Plan second = ShapeOnly.plan(() -> update(Seen.of(standIns), state.probe()));
      long variables =
          Stream.concat(
                  state.variables().values().stream(),
                  Stream.concat(views.stream(), Stream.of(labels)))
              .mapToLong(variable -> variable.spec().bytes())
              .sum();
      return new Work(
          first.flops() + second.flops(), first.arenaBytes(), second.arenaBytes(), variables);
    }
  }

  private static TensorSpec spec(Batch batch, int view) {
    return new TensorSpec(DType.F32, batch.shapes().get(view));
  }

  /// The views of a batch on the device, in the innermost scope: for a look without a step.
  List<Tensor> upload(Batch batch) {
    List<Tensor> uploaded = new ArrayList<>();
    for (int v = 0; v < batch.views().size(); v++) {
      uploaded.add(Tensor.copyOf(batch.views().get(v), spec(batch, v), device));
    }
    return uploaded;
  }

  private Method.Pass forward() {
    return state.method().forward(views.stream().map(Variable::value).toList(), labels.value());
  }

  private Seen gradients() {
    Method.@Nullable Pass[] passed = new Method.Pass[1];
    try (TensorScope scope = TensorScope.open();
        Tape.Run run =
            Tape.record(
                () -> {
                  Method.Pass pass = forward();
                  passed[0] = pass;
                  return pass.loss();
                })) {
      Method.Pass pass = Objects.requireNonNull(passed[0]);
      List<Tensor> grads = run.gradients(parameters);
      Tensor norm = squares(grads);
      Tensor std = std(pass.embeddings());
      Seen seen = new Seen(pass.loss(), norm, std, pass.features(), grads);
      seen.outputs().forEach(tensor -> scope.keep(run.keep(tensor)));
      return seen;
    }
  }

  private List<Tensor> update(Seen seen, @Nullable OnlineProbe probe) {
    try (TensorScope scope = TensorScope.open()) {
      state.optimizer().step(seen.grads);
      List<Tensor> outputs = List.of();
      if (probe != null) {
        OnlineProbe.Answer answer = probe.answer(seen.features, labels.value());
        outputs = List.of(scope.keep(answer.loss()), scope.keep(answer.accuracy()));
      }
      state.method().afterStep();
      return outputs;
    }
  }

  /// Square of the Euclidean norm over all gradients.
  private static Tensor squares(List<Tensor> gradients) {
    return gradients.stream()
        .map(gradient -> gradient.square().sum())
        .reduce(Tensor::add)
        .orElseThrow();
  }

  /// Mean over dimensions of the deviation (n-1) over rows of unit length.
  private static Tensor std(Tensor embeddings) {
    long rows = embeddings.dim(0);
    Tensor unit = embeddings.l2Normalize(UNIT_EPS);
    Tensor centred = unit.sub(unit.mean(List.of(0), true));
    Tensor variance = centred.square().sum(List.of(0), false).div(Math.max(1, rows - 1.0));
    return variance.sqrt().mean();
  }

  /// Runs the step once more under a guard that finds where it began.
  private DivergedException diverged(long step, String what) {
    String first;
    try {
      first =
          NanGuard.watch(
              () -> {
                try (TensorScope _ = TensorScope.open();
                    Tape.Run run = Tape.record(() -> forward().loss())) {
                  run.gradients(parameters);
                  return "no single op: the sum of squares of the gradients is too large";
                }
              });
    } catch (NonFiniteException found) {
      first = Objects.requireNonNull(found.getMessage());
    }
    return new DivergedException(what, step, first);
  }

  @Override
  public void close() {
    feeds.forEach(Feed::close);
    Stream.of(seenNumbers, probeNumbers).filter(Objects::nonNull).forEach(Readout::close);
    Stream.of(gradients, update, probedUpdate).filter(Objects::nonNull).forEach(Program::close);
    views.forEach(Variable::close);
    labels.close();
  }
}
