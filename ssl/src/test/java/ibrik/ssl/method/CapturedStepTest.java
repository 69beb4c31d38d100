package ibrik.ssl.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Parameter;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A step that is captured once and replayed ends with the numbers of one that is run anew each
/// time: whatever changes from step to step is a variable, and nothing is read back.
class CapturedStepTest extends MethodTest {
  private static final int BATCH = 16;
  private static final int PER_EPOCH = 2;

  /// A method, an optimiser, and variables that hold the batch.
  private static final class Run implements AutoCloseable {
    final Method method;
    final List<Variable> views = new ArrayList<>();
    final Variable labels;
    final Variable rate = Variable.scalar("rate", 0.05, Device.CPU);
    final Sgd sgd;

    Run(MethodFactory<?> factory) {
      method = create(factory);
      try (TensorScope _ = TensorScope.open()) {
        batch(0).forEach(view -> views.add(Variable.of("view" + views.size(), view)));
        labels = Variable.of("labels", Tensor.of(new int[BATCH], BATCH));
      }
      sgd = new Sgd(method.trainable(), rate, 0.9, false, WeightDecay.weights(0));
    }

    private static <C extends Record> Method create(MethodFactory<C> factory) {
      Setting setting =
          new Setting(Build.cpu(3), Pooled::new, 5, BATCH, 3 * PER_EPOCH, BATCH * PER_EPOCH + 1);
      return factory.create(smaller(factory), setting);
    }

    /// Fewer prototypes than images, and everything that comes late in training.
    private static <C extends Record> C smaller(MethodFactory<C> factory) {
      return factory
          .configType()
          .cast(
              switch (factory.name()) {
                case "swav" ->
                    new ibrik.ssl.method.swav.SwavConfig(8, 4, 6, 0.1, 0.05, 3, 2 * BATCH, 0, 0, 1);
                case "twist" ->
                    new ibrik.ssl.method.twist.TwistConfig(8, 6, 1, 1, true, 1, 1, 0.5, 0.6);
                case "deepcluster-v2" ->
                    new ibrik.ssl.method.deepcluster.DeepClusterConfig(8, 4, 6, 2, 3, 0.1, 1);
                case "sela-v2" -> new ibrik.ssl.method.sela.SelaConfig(8, 4, 6, 2, 0.05, 3, 0.1, 1);
                default -> factory.defaults(Preset.GREY);
              });
    }

    private List<Tensor> batch(long step) {
      int[] sides = IntStream.range(0, method.viewCount()).map(v -> v < 2 ? 4 : 3).toArray();
      return crops(BATCH, step, sides);
    }

    private static int[] images(long step) {
      return IntStream.range(0, BATCH).map(i -> (int) (step % PER_EPOCH) * BATCH + i).toArray();
    }

    /// What happens around a step, on the host.
    void begin(long step) {
      if (step % PER_EPOCH == 0) {
        method.beforeEpoch(
            (int) step / PER_EPOCH,
            visitor -> {
              for (long s = 0; s < PER_EPOCH; s++) {
                visitor.accept(batch(40 + s), images(s));
              }
            });
      }
      method.beforeStep(step, images(step));
      List<Tensor> batch = batch(step);
      for (int v = 0; v < batch.size(); v++) {
        views.get(v).set(batch.get(v));
      }
    }

    List<Tensor> step() {
      List<Tensor> wrt = method.trainable().stream().map(Parameter::value).toList();
      List<Tensor> in = views.stream().map(Variable::value).toList();
      try (TensorScope scope = TensorScope.open();
          Tape.Run run = Tape.record(() -> method.forward(in, labels.value()).loss())) {
        sgd.step(run.gradients(wrt));
        method.afterStep();
        return List.of(scope.keep(run.keep(run.value())));
      }
    }

    @Override
    public void close() {
      method.close();
      views.forEach(Variable::close);
      labels.close();
      rate.close();
      sgd.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"swav", "dino", "twist", "deepcluster-v2", "sela-v2", "relicv2"})
  void replaysAreSteps(String name) {
    MethodFactory<?> factory = Methods.find(name).orElseThrow();
    try (TensorScope _ = TensorScope.open();
        Run eager = new Run(factory);
        Run replayed = new Run(factory);
        Program program = Program.capture(replayed::step)) {
      for (long step = 0; step < 3 * PER_EPOCH; step++) {
        replayed.begin(step);
        program.replay();
        eager.begin(step);
        double want = eager.step().getFirst().item();
        assertEquals(want, program.outputs().getFirst().item(), "loss of step " + step);
        Map<String, double[]> state = snapshot(replayed.method);
        long now = step;
        snapshot(eager.method)
            .forEach((n, v) -> assertArrayEquals(v, state.get(n), n + " after step " + now));
      }
    }
  }
}
