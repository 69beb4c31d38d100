package ibrik.ssl.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Parameter;
import ibrik.nn.model.Models;
import ibrik.nn.model.ResNet.Stem;
import ibrik.nn.optim.Optimizer;
import ibrik.nn.optim.Sgd;
import ibrik.nn.optim.WeightDecay;
import ibrik.ssl.method.MethodFactory.Setting;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What holds for every method there is, with its own defaults: a new one is tested here by being
/// registered.
class EveryMethodTest extends MethodTest {
  private static final int BATCH = 16;
  private static final int STEPS = 4;

  static Stream<MethodFactory<?>> trained() {
    return Methods.all().stream().filter(m -> m.recipe(Preset.GREY).epochs() > 0);
  }

  private static <C extends Record> Method create(MethodFactory<C> factory) {
    return factory.create(
        factory.defaults(Preset.GREY),
        new Setting(
            Build.cpu(11),
            build -> Models.create(build, "resnet8", 1, 0.25, Stem.HALF, factory.zeroLastGamma()),
            10,
            BATCH,
            STEPS));
  }

  /// Everything that a trainer does in a step, without reading anything back.
  private static final class Stepper implements AutoCloseable {
    final Method method;
    final List<Variable> views = new ArrayList<>();
    final Variable labels;
    final Variable rate = Variable.scalar("lr", 0.05, Device.CPU);
    final Optimizer optimizer;
    private final List<Tensor> wrt;

    Stepper(MethodFactory<?> factory) {
      method = create(factory);
      optimizer = new Sgd(method.trainable(), rate, 0.9, false, WeightDecay.weights(0.01));
      wrt = method.trainable().stream().map(Parameter::value).toList();
      try (TensorScope _ = TensorScope.open()) {
        for (int view = 0; view < factory.views(Preset.GREY).size(); view++) {
          views.add(Variable.of("view" + view, batch(0, view)));
        }
        labels =
            Variable.of(
                "labels", Tensor.of(IntStream.range(0, BATCH).map(i -> i % 10).toArray(), BATCH));
      }
    }

    private static Tensor batch(long step, int view) {
      return Tensor.of(normals(BATCH * 64, 100 * step + view), BATCH, 8, 8, 1);
    }

    void begin(long step) {
      try (TensorScope _ = TensorScope.open()) {
        for (int view = 0; view < views.size(); view++) {
          views.get(view).set(batch(step, view));
        }
      }
      method.beforeStep(step);
    }

    List<Tensor> step() {
      try (TensorScope scope = TensorScope.open();
          Tape.Run run =
              Tape.record(
                  () ->
                      method
                          .forward(views.stream().map(Variable::value).toList(), labels.value())
                          .loss())) {
        optimizer.step(run.gradients(wrt));
        method.afterStep();
        return List.of(scope.keep(run.keep(run.value())));
      }
    }

    double eager(long step) {
      begin(step);
      try (TensorScope _ = TensorScope.open()) {
        return step().getFirst().item();
      }
    }

    @Override
    public void close() {
      method.close();
      optimizer.close();
      views.forEach(Variable::close);
      labels.close();
      rate.close();
    }
  }

  private static void assertSame(Method want, Method got, String when) {
    Map<String, double[]> numbers = snapshot(got);
    snapshot(want)
        .forEach((name, w) -> assertArrayEquals(w, numbers.get(name), () -> name + " " + when));
  }

  /// Nothing in a step reads values back or decides by them, and all that moves is a variable.
  @ParameterizedTest
  @MethodSource("trained")
  void aReplayedStepIsAStep(MethodFactory<?> factory) {
    try (Stepper eager = new Stepper(factory);
        Stepper replayed = new Stepper(factory)) {
      replayed.begin(0);
      try (Program program = Program.capture(replayed::step)) {
        for (int step = 0; step < STEPS; step++) {
          double want = eager.eager(step);
          replayed.begin(step);
          program.replay();
          assertEquals(want, program.outputs().getFirst().item(), "loss of step " + step);
          assertSame(eager.method, replayed.method, "after step " + step);
        }
      }
    }
  }

  /// A run that stops and goes on from its state and its step is the run that did not stop.
  @ParameterizedTest
  @MethodSource("trained")
  void theStateIsAllThereIs(MethodFactory<?> factory) {
    try (Stepper whole = new Stepper(factory);
        Stepper second = new Stepper(factory)) {
      whole.eager(0);
      whole.eager(1);
      second
          .method
          .state()
          .forEach((name, variable) -> variable.set(whole.method.state().get(name).value()));
      second
          .optimizer
          .state()
          .forEach((name, variable) -> variable.set(whole.optimizer.state().get(name).value()));
      for (int step = 2; step < STEPS; step++) {
        assertEquals(whole.eager(step), second.eager(step));
      }
      assertSame(whole.method, second.method, "at the end");
    }
  }

  /// Learning moves every trained parameter, and the loss, which the collapse value bounds or not,
  /// is a number.
  @ParameterizedTest
  @MethodSource("trained")
  void everyParameterLearns(MethodFactory<?> factory) {
    try (Stepper stepper = new Stepper(factory)) {
      Map<String, double[]> before = snapshot(stepper.method);
      for (int step = 0; step < STEPS; step++) {
        assertTrue(Double.isFinite(stepper.eager(step)));
      }
      Map<String, double[]> after = snapshot(stepper.method);
      stepper
          .method
          .trainable()
          .forEach(
              p ->
                  assertFalse(
                      java.util.Arrays.equals(before.get(p.name()), after.get(p.name())),
                      () -> p.name() + " did not move"));
      assertTrue(Double.isFinite(stepper.method.collapseValue()));
      assertEquals(factory.views(Preset.GREY).size(), stepper.method.viewCount());
    }
  }
}
