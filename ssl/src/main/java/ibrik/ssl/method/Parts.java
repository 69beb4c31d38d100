package ibrik.ssl.method;

import ibrik.nn.Build;
import ibrik.nn.MlpHead;
import ibrik.nn.Module;
import ibrik.nn.Parameter;
import ibrik.nn.model.Encoder;
import ibrik.nn.schedule.Schedule;
import ibrik.nn.schedule.ScheduledScalar;
import ibrik.ssl.method.MethodFactory.Setting;
import ibrik.tensor.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// What a method is made of, owned together: networks by name, a slow copy of some of them, queues,
/// scheduled numbers, random keys. All that changes from step to step is a variable here, so that a
/// checkpoint holds it and a replayed step reads it.
public final class Parts implements AutoCloseable {
  private final Setting setting;
  private final Map<String, Module> networks = new LinkedHashMap<>();
  private final Map<String, Function<Build, ? extends Module>> makers = new LinkedHashMap<>();
  private final List<String> followers = new ArrayList<>();
  private final Map<String, Queue> queues = new LinkedHashMap<>();
  private final Map<String, ScheduledScalar> schedules = new LinkedHashMap<>();
  private final List<RandomKey> keys = new ArrayList<>();

  private Parts(Setting setting) {
    this.setting = setting;
  }

  /// Makes a method from parts; if that fails, the parts made so far are freed.
  public static <M extends Method> M assemble(Setting setting, Function<Parts, M> maker) {
    Parts parts = new Parts(setting);
    try {
      return maker.apply(parts);
    } catch (RuntimeException failed) {
      parts.close();
      throw failed;
    }
  }

  /// What the run fixes.
  public Setting setting() {
    return setting;
  }

  /// The encoder, as the network `encoder`.
  public Encoder encoder() {
    return network("encoder", setting.encoder());
  }

  /// A network that is trained.
  ///
  /// @param name unique; begins the names of its parameters
  public <M extends Module> M network(String name, Function<Build, M> maker) {
    M network = maker.apply(setting.build().child(name));
    networks.put(name, network);
    makers.put(name, maker);
    return network;
  }

  /// A projection or prediction head that is trained.
  public MlpHead head(String name, int in, MlpHead.Config config) {
    return network(name, build -> new MlpHead(build, in, config));
  }

  /// Copies of networks made before, as `target_NAME`, that follow them slowly.
  ///
  /// @param momentum share of the target that stays, by step
  /// @param online names in the order in which they are applied
  public MomentumTarget target(Schedule momentum, String... online) {
    ScheduledScalar tau = scheduled("tau", momentum);
    MomentumTarget target = new MomentumTarget(tau.variable());
    for (String name : online) {
      Module original = find(networks, name);
      Module copy = find(makers, name).apply(setting.build().child("target_" + name));
      networks.put("target_" + name, copy);
      followers.add("target_" + name);
      target.add(copy, original);
    }
    return target;
  }

  private static <T> T find(Map<String, T> all, String name) {
    T found = all.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "[target] must follow a network that was made before; got "
              + name
              + "; made: "
              + all.keySet());
    }
    return found;
  }

  /// A ring of the latest embeddings of whole batches, those of all devices.
  ///
  /// @param rows embeddings that it holds, a multiple of the images of a step
  /// @param width of an embedding
  public Queue queue(String name, int rows, int width) {
    return queue(name, rows, setting.unionSize(), width);
  }

  /// A ring into which each step writes `block` embeddings.
  public Queue queue(String name, int rows, int block, int width) {
    Queue queue = new Queue(name, rows, block, width, setting.build());
    queues.put(name, queue);
    return queue;
  }

  /// A number that follows the step; it appears in the log by this name.
  public ScheduledScalar scheduled(String name, Schedule schedule) {
    ScheduledScalar scalar = new ScheduledScalar(name, schedule, setting.build().device());
    schedules.put(name, scalar);
    return scalar;
  }

  /// The key of random numbers that are others at every step.
  ///
  /// @param name unique; names the numbers together with the run's seed
  public RandomKey random(String name) {
    RandomKey key = new RandomKey(setting.build().seed(), name, setting.build().device());
    keys.add(key);
    return key;
  }

  /// Checks that a method has at least as many clusters of its own as the data has classes: with
  /// fewer, some class has none, and no score of these clusters against classes means anything.
  ///
  /// @param name of the setting
  /// @throws IllegalArgumentException naming it
  public void checkClusters(String name, int clusters) {
    Require.check(
        clusters >= setting.classes(),
        name,
        "at least the "
            + setting.classes()
            + " classes of the data, which its clusters are"
            + " compared with",
        clusters);
  }

  // ---- for the method ----

  Map<String, Module> networks() {
    return Collections.unmodifiableMap(networks);
  }

  /// Parameters of all networks that do not follow others, in order.
  List<Parameter> trained() {
    return networks.entrySet().stream()
        .filter(entry -> !followers.contains(entry.getKey()))
        .flatMap(entry -> entry.getValue().parameters().stream())
        .toList();
  }

  Map<String, Variable> state() {
    Map<String, Variable> state = new LinkedHashMap<>();
    networks.values().forEach(network -> state.putAll(network.stateDict()));
    queues.values().forEach(queue -> state.putAll(queue.state()));
    return state;
  }

  void moveTo(long step) {
    schedules.values().forEach(scalar -> scalar.moveTo(step));
    keys.forEach(key -> key.moveTo(step));
  }

  Map<String, Double> scalars(long step) {
    Map<String, Double> scalars = new LinkedHashMap<>();
    schedules.forEach((name, scalar) -> scalars.put(name, scalar.at(step)));
    queues.forEach((name, queue) -> scalars.put(name + "_age", queue.age()));
    return scalars;
  }

  @Override
  public void close() {
    networks.values().forEach(Module::close);
    queues.values().forEach(Queue::close);
    schedules.values().forEach(ScheduledScalar::close);
    keys.forEach(RandomKey::close);
  }
}
