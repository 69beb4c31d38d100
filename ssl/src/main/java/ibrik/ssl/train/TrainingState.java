package ibrik.ssl.train;

import ibrik.nn.Parameter;
import ibrik.nn.optim.AdamW;
import ibrik.nn.optim.ClipEach;
import ibrik.nn.optim.ClipNorm;
import ibrik.nn.optim.Gated;
import ibrik.nn.optim.Groups;
import ibrik.nn.optim.Lars;
import ibrik.nn.optim.Optimizer;
import ibrik.nn.optim.ScheduledDecay;
import ibrik.nn.optim.Sgd;
import ibrik.nn.optim.WeightDecay;
import ibrik.nn.schedule.Schedule;
import ibrik.nn.schedule.ScheduledScalar;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.eval.OnlineProbe;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.Recipe;
import ibrik.tensor.Device;
import ibrik.tensor.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What training changes: networks, optimiser, online probe; and the rates that follow the step.
/// Owns its variables.
final class TrainingState implements AutoCloseable {
  private static final double ADAM_BETA1 = 0.9;
  private static final double ADAM_BETA2 = 0.999;
  private static final double ADAM_EPS = 1e-8;

  private final Method method;
  private final List<ScheduledScalar> rates = new ArrayList<>();
  private final Optimizer optimizer;
  private final @Nullable OnlineProbe probe;
  private final Schedule lr;
  private final @Nullable Schedule decay;

  /// Networks as they start.
  ///
  /// @param steps of the whole run
  TrainingState(RunConfig config, DataSet data, long steps, long stepsPerEpoch) {
    Recipe recipe = config.train();
    long warmUp = Math.min(steps, recipe.warmUpEpochs() * stepsPerEpoch);
    double peak = config.peakLr();
    lr = Schedule.warmUpCosine(peak, recipe.lrEnd() * peak, warmUp, steps);
    decay = recipe.decayEnd() == 1 ? null : Schedule.cosine(1, recipe.decayEnd(), steps);
    method = config.create(data, steps);
    try {
      List<Optimizer> groups = new ArrayList<>();
      for (Method.Group group : method.groups()) {
        Schedule followed = group.steady() ? Schedule.constant(peak) : lr;
        ScheduledScalar rate =
            new ScheduledScalar(
                "lr" + groups.size(), followed.times(group.lrFactor()), config.device());
        rates.add(rate);
        Optimizer plain = optimizer(recipe, group.parameters(), rate.variable());
        groups.add(frozen(group, clipped(group, plain), config.device()));
      }
      Groups together = new Groups(groups);
      optimizer = recipe.clipNorm() > 0 ? new ClipNorm(together, recipe.clipNorm()) : together;
      probe = probe(config, data);
    } catch (RuntimeException failed) {
      method.close();
      rates.forEach(ScheduledScalar::close);
      throw failed;
    }
  }

  private @Nullable OnlineProbe probe(RunConfig config, DataSet data) {
    int classes = data.classNames().size();
    return classes < 2 || config.eval().probeLr() == 0
        ? null
        : new OnlineProbe(
            method.encoder().featureDim(),
            classes,
            config.eval().probeLr(),
            config.seed(),
            config.device());
  }

  private Optimizer optimizer(Recipe recipe, List<Parameter> parameters, Variable lr) {
    WeightDecay start = new WeightDecay(recipe.weightDecay(), recipe.decayEverything());
    if (decay == null) {
      return optimizer(recipe, start, parameters, lr);
    }
    ScheduledScalar growth =
        new ScheduledScalar("decay" + rates.size(), decay, lr.value().device());
    rates.add(growth);
    Optimizer plain = optimizer(recipe, WeightDecay.weights(0), parameters, lr);
    return new ScheduledDecay(plain, start, growth.variable(), lr);
  }

  private static Optimizer optimizer(
      Recipe recipe, WeightDecay decay, List<Parameter> parameters, Variable lr) {
    return switch (recipe.optimizer()) {
      case "sgd" -> new Sgd(parameters, lr, recipe.momentum(), recipe.nesterov(), decay);
      case "lars" ->
          new Lars(parameters, lr, recipe.momentum(), recipe.larsEta(), recipe.larsClip(), decay);
      case "adamw" -> new AdamW(parameters, lr, ADAM_BETA1, ADAM_BETA2, ADAM_EPS, decay);
      default -> throw new IllegalStateException("unchecked optimizer " + recipe.optimizer());
    };
  }

  private static Optimizer clipped(Method.Group group, Optimizer plain) {
    return Double.isInfinite(group.clip()) ? plain : new ClipEach(plain, group.clip());
  }

  /// Closed while the group stands still: a number on the device, so that one step serves all.
  private Optimizer frozen(Method.Group group, Optimizer plain, Device device) {
    long frozen = group.frozenSteps();
    if (frozen == 0) {
      return plain;
    }
    ScheduledScalar gate =
        new ScheduledScalar("gate" + rates.size(), step -> step < frozen ? 0 : 1, device);
    rates.add(gate);
    return new Gated(plain, gate.variable());
  }

  Method method() {
    return method;
  }

  Optimizer optimizer() {
    return optimizer;
  }

  @Nullable OnlineProbe probe() {
    return probe;
  }

  /// Writes every scheduled number of `step` to its variable.
  ///
  /// @param images which images the step sees
  void moveTo(long step, int[] images) {
    rates.forEach(rate -> rate.moveTo(step));
    method.beforeStep(step, images);
  }

  /// Scheduled numbers by name, for the log.
  Map<String, Double> scalars(long step) {
    Map<String, Double> scalars = new LinkedHashMap<>();
    scalars.put("lr", lr.at(step));
    if (decay != null) {
      scalars.put("decay_growth", decay.at(step));
    }
    scalars.putAll(method.scalars(step));
    return scalars;
  }

  /// All variables by the names they have in a checkpoint.
  Map<String, Variable> variables() {
    Map<String, Variable> all = new LinkedHashMap<>(method.state());
    optimizer.state().forEach((name, variable) -> all.put("optimizer." + name, variable));
    if (probe != null) {
      probe.state().forEach((name, variable) -> all.put("online_probe." + name, variable));
    }
    return all;
  }

  @Override
  public void close() {
    method.close();
    optimizer.close();
    rates.forEach(ScheduledScalar::close);
    if (probe != null) {
      probe.close();
    }
  }
}
