package ibrik.nn;

import ibrik.autograd.Tape;
import ibrik.nn.model.Encoder;
import ibrik.nn.model.Models;
import ibrik.nn.model.ResNet.Stem;
import ibrik.nn.optim.AdamW;
import ibrik.nn.optim.Ema;
import ibrik.nn.optim.Groups;
import ibrik.nn.optim.Lars;
import ibrik.nn.optim.Optimizer;
import ibrik.nn.optim.WeightDecay;
import ibrik.nn.schedule.Schedule;
import ibrik.nn.schedule.ScheduledScalar;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A training step with everything that moves: two networks with batch norms, noise from a random
/// key, two optimisers with schedules of their own, a moving average with its schedule.
final class TinyByol implements AutoCloseable {
  private static final int STEPS = 10;

  private final Variable view1;
  private final Variable view2;
  private final Variable key;
  private final Encoder encoder;
  private final Module predictor;
  private final Encoder target;
  private final ScheduledScalar lr;
  private final ScheduledScalar slowLr;
  private final ScheduledScalar tau;
  private final Optimizer optimizer;
  private final Ema ema;

  TinyByol() {
    Build build = Build.cpu(7);
    TensorSpec images = new TensorSpec(DType.F32, Shape.of(4, 8, 8, 1));
    view1 = Variable.zeros("view1", images, Device.CPU);
    view2 = Variable.zeros("view2", images, Device.CPU);
    key = Variable.zeros("key", new TensorSpec(DType.I64, Shape.of(2)), Device.CPU);
    encoder = resnet(build.child("encoder"));
    target = resnet(build.child("target"));
    int width = encoder.featureDim();
    predictor = new MlpHead(build.child("predictor"), width, 2 * width, width);
    target.copyStateFrom(encoder);
    lr = new ScheduledScalar("lr", Schedule.warmUpCosine(0.2, 2, STEPS), Device.CPU);
    slowLr = new ScheduledScalar("slow_lr", Schedule.linear(1e-2, 0, STEPS), Device.CPU);
    tau = new ScheduledScalar("tau", Schedule.byolTau(0.9, STEPS), Device.CPU);
    WeightDecay decay = WeightDecay.weights(1e-3);
    optimizer =
        new Groups(
            List.of(
                new Lars(encoder.parameters(), lr.variable(), 0.9, 1e-2, false, decay),
                new AdamW(predictor.parameters(), slowLr.variable(), 0.9, 0.999, 1e-8, decay)));
    ema = new Ema(tau.variable()).add(target, encoder);
  }

  private static Encoder resnet(Build build) {
    return Models.create(build, "resnet8", 1, 0.25, Stem.CIFAR, false);
  }

  /// What the host does before step `number`: a batch and the schedules.
  void begin(long number) {
    try (TensorScope _ = TensorScope.open()) {
      view1.set(Tensors.normal(view1.spec(), 0, 1, Tensors.key(1, number, Device.CPU)));
      view2.set(Tensors.normal(view2.spec(), 0, 1, Tensors.key(2, number, Device.CPU)));
    }
    lr.moveTo(number);
    slowLr.moveTo(number);
    tau.moveTo(number);
  }

  /// The loss and the features of the first view.
  List<Tensor> step() {
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> features = new ArrayList<>();
      try (Tape.Run run = Tape.record(() -> loss(features))) {
        optimizer.step(
            run.gradientsOf(optimizer.parameters().stream().map(Parameter::variable).toList()));
        ema.step();
        return scope.keep(
            List.of(run.keep(run.value()), run.keep(features.getFirst())).stream()
                .map(scope::keep)
                .toList());
      }
    }
  }

  private Tensor loss(List<Tensor> features) {
    List<Tensor> noise =
        Tape.pause(
            () -> {
              Tensor drawn = Tensors.normal(view1.spec(), 0, 0.1, key.value());
              key.set(key.value().add(Tensors.iota(2, DType.I64, Device.CPU)));
              return List.of(drawn);
            });
    Tensor x1 = view1.value().add(noise.getFirst());
    Tensor x2 = view2.value().mul(0.5);
    return half(x1, x2, features).add(half(x2, x1, features));
  }

  private Tensor half(Tensor x, Tensor other, List<Tensor> features) {
    Tensor y = encoder.forward(x);
    features.add(y);
    Tensor p = predictor.forward(y).l2Normalize();
    Tensor z = Tape.pause(() -> target.forward(other)).l2Normalize();
    return p.mul(z).sum(List.of(1), false).mean().mul(-2).add(2);
  }

  /// Everything that a step changes.
  Map<String, Variable> state() {
    Map<String, Variable> state = new LinkedHashMap<>(encoder.stateDict());
    state.putAll(predictor.stateDict());
    state.putAll(target.stateDict());
    state.putAll(optimizer.state());
    state.put("key", key);
    return state;
  }

  @Override
  public void close() {
    List.of(view1, view2, key).forEach(Variable::close);
    List.of(encoder, predictor, target).forEach(Module::close);
    List.of(lr, slowLr, tau).forEach(ScheduledScalar::close);
    optimizer.close();
  }
}
