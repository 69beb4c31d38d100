package ibrik.bench.peers;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Linear;
import ibrik.nn.Parameter;
import ibrik.nn.model.Encoder;
import ibrik.nn.model.Models;
import ibrik.nn.model.ResNet.Stem;
import ibrik.nn.optim.Optimizer;
import ibrik.nn.optim.Sgd;
import ibrik.nn.optim.WeightDecay;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Program;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// A training step here, replayed as a program: forward, cross entropy, gradients, SGD with
/// momentum and weight decay on everything.
final class OurStep implements Side {
  private final List<AutoCloseable> held = new ArrayList<>();
  private final Variable images;
  private final Variable labels;
  private final Encoder encoder;
  private final Linear head;
  private final Optimizer optimizer;
  private final Program program;

  @SuppressWarnings("MustBeClosedChecker") // close() does
  OurStep(StepTask task) {
    Build build = Build.cpu(1);
    TensorSpec spec =
        new TensorSpec(DType.F32, Shape.of(task.batch(), task.side(), task.side(), 3));
    images = hold(Variable.zeros("images", spec, Device.CPU));
    images.set(MemorySegment.ofArray(task.images()));
    TensorSpec classes = new TensorSpec(DType.I32, Shape.of(task.batch()));
    labels = hold(Variable.zeros("labels", classes, Device.CPU));
    labels.set(MemorySegment.ofArray(task.labels()));
    Variable lr = hold(Variable.scalar("lr", StepTask.LEARNING_RATE, Device.CPU));
    encoder = hold(Models.create(build.child("encoder"), task.model(), 3, 1, Stem.CIFAR, false));
    head = hold(new Linear(build.child("head"), encoder.featureDim(), StepTask.CLASSES, true));
    WeightDecay decay = new WeightDecay(StepTask.WEIGHT_DECAY, true);
    optimizer = hold(new Sgd(parameters(), lr, StepTask.MOMENTUM, false, decay));
    program = hold(Program.capture(this::step));
  }

  private <T extends AutoCloseable> T hold(T one) {
    held.add(one);
    return one;
  }

  private List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>(encoder.parameters());
    all.addAll(head.parameters());
    return all;
  }

  /// The numbers that both sides start with: in the order of the layers, `[K,R,S,C]`, `[C]`, and
  /// the head's.
  static List<float[]> initial(StepTask task) {
    try (OurStep step = new OurStep(task)) {
      return step.parameters().stream().map(p -> p.value().toFloats()).toList();
    }
  }

  private List<Tensor> step() {
    try (TensorScope scope = TensorScope.open();
        Tape.Run run = Tape.record(this::loss)) {
      optimizer.step(run.gradients(optimizer.parameters().stream().map(Parameter::value).toList()));
      return List.of(scope.keep(run.keep(run.value())));
    }
  }

  private Tensor loss() {
    return head.forward(encoder.forward(images.value())).softmaxCrossEntropy(labels.value()).mean();
  }

  @Override
  public void run() {
    program.replay();
  }

  @Override
  public float[] result() {
    float[] losses = new float[StepTask.CHECKED_STEPS];
    for (int i = 0; i < losses.length; i++) {
      program.replay();
      losses[i] = (float) program.outputs().getFirst().item();
    }
    return losses;
  }

  @Override
  public void close() {
    for (AutoCloseable one : held.reversed()) {
      try {
        one.close();
      } catch (RuntimeException failed) {
        throw failed;
      } catch (Exception failed) {
        throw new IllegalStateException("[peers] cannot free a step", failed);
      }
    }
  }
}
