package ibrik.ssl.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.nn.Build;
import ibrik.nn.Precision;
import ibrik.ssl.augment.View;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Recipe;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import java.util.List;

/// All that decides the numbers of a run. What does not (threads, folders, how often a checkpoint
/// is written) stands elsewhere.
///
/// @param method name of the method
/// @param own its hyper-parameters
/// @param seed names all random numbers
/// @param device where it computes
/// @param precision what the layers of its networks multiply in
/// @param data images
/// @param model encoder
/// @param train optimiser, batches, length
/// @param views augmentation, one recipe per view
/// @param eval judging
public record RunConfig(
    MethodFactory<?> method,
    Record own,
    long seed,
    Device device,
    Precision precision,
    DataConfig data,
    ModelConfig model,
    Recipe train,
    List<View> views,
    EvalConfig eval) {
  /// Copies.
  public RunConfig {
    views = List.copyOf(views);
  }

  /// As it is stored: every setting, by section.
  public ObjectNode toJson() {
    ObjectNode tree = Json.object();
    tree.put("method", method.name());
    tree.put("seed", seed);
    tree.put("device", device.toString());
    tree.put("precision", precision.name());
    tree.set("data", Json.MAPPER.valueToTree(data));
    tree.set("model", Json.MAPPER.valueToTree(model));
    tree.set("train", Json.MAPPER.valueToTree(train));
    tree.set(Schema.section(method.name()), Json.MAPPER.valueToTree(own));
    tree.set(Schema.VIEWS, Json.MAPPER.valueToTree(views));
    tree.set("eval", Json.MAPPER.valueToTree(eval));
    return tree;
  }

  /// Reads what [#toJson()] wrote.
  ///
  /// @throws IllegalArgumentException if a number breaks a rule of its record
  public static RunConfig of(MethodFactory<?> method, ObjectNode tree) {
    JsonNode views = tree.get(Schema.VIEWS);
    return new RunConfig(
        method,
        Trees.read(tree.get(Schema.section(method.name())), method.configType()),
        tree.get("seed").asLong(),
        Device.parse(tree.get("device").asText()),
        Trees.read(tree.get("precision"), Precision.class),
        Trees.read(tree.get("data"), DataConfig.class),
        Trees.read(tree.get("model"), ModelConfig.class),
        Trees.read(tree.get("train"), Recipe.class),
        views.valueStream().map(view -> Trees.read(view, View.class)).toList(),
        Trees.read(tree.get("eval"), EvalConfig.class));
  }

  /// Where a stored configuration says otherwise: `train.epochs is 30, not 40`.
  public List<String> differences(ObjectNode stored) {
    ObjectNode settings = LaterKeys.filled(stored);
    settings.remove(List.of("provenance", "command"));
    return Trees.differences(settings, toJson());
  }

  /// The same on another device.
  public RunConfig on(Device other) {
    return new RunConfig(method, own, seed, other, precision, data, model, train, views, eval);
  }

  /// How its networks are made.
  public Build build() {
    return new Build(DType.F32, device, seed, "", precision);
  }

  /// Makes the networks.
  ///
  /// @param data the images, for their number, channels and classes
  /// @param steps of the whole run
  public Method create(DataSet data, long steps) {
    return create(method, own, data, steps);
  }

  private <C extends Record> Method create(
      MethodFactory<C> factory, Record config, DataSet data, long steps) {
    return factory.create(
        factory.configType().cast(config),
        new MethodFactory.Setting(
            build(),
            model.maker(data.channels()),
            data.classNames().size(),
            train.batchSize(),
            steps,
            data.train().size()));
  }

  /// The learning rate's peak: the base rate is for 256 images.
  public double peakLr() {
    return train.baseLr() * train.batchSize() / 256;
  }
}
