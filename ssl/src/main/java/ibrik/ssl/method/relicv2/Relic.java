package ibrik.ssl.method.relicv2;

import ibrik.autograd.Tape;
import ibrik.nn.MlpHead;
import ibrik.nn.model.Encoder;
import ibrik.nn.schedule.Schedule;
import ibrik.ssl.method.MomentumTarget;
import ibrik.ssl.method.MultiCrop;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.ssl.method.RandomKey;
import ibrik.ssl.method.Require;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import java.util.List;

/// The online network sees large and small views, the target network, which follows it slowly, the
/// large ones; see [RelicLoss]. Negatives are drawn anew in each step, the same for all pairs of
/// views. Some large views have their background greyed: that is part of their recipes.
public final class Relic extends PartsMethod {
  private final RelicConfig config;
  private final RelicLoss loss;
  private final Encoder encoder;
  private final MlpHead head;
  private final MomentumTarget target;
  private final RandomKey key;

  Relic(RelicConfig config, Parts parts) {
    super(parts);
    this.config = config;
    int batch = parts.setting().unionSize();
    Require.check(
        config.negatives() < batch,
        "negatives",
        "below the batch size " + batch,
        config.negatives());
    loss =
        new RelicLoss(
            config.temperature(),
            config.contrastWeight(),
            config.invarianceWeight(),
            config.sameCrop());
    encoder = parts.encoder();
    head =
        parts.head(
            "head",
            encoder.featureDim(),
            MlpHead.Config.of(List.of(config.headHidden()), config.headOut()));
    target =
        parts.target(
            Schedule.byolTau(config.tauBase(), parts.setting().steps()), "encoder", "head");
    key = parts.random("negatives");
  }

  @Override
  public int viewCount() {
    return config.largeCrops() + config.localCrops();
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    int large = config.largeCrops();
    Tensor y = MultiCrop.encode(encoder, views);
    Tensor own = head.forward(y).l2Normalize();
    List<Tensor> online = MultiCrop.split(gatherViews(own, views.size()), views.size());
    Tensor outputs = target.forward(LayoutOps.concat(0, views.subList(0, large))).l2Normalize();
    List<Tensor> targets = MultiCrop.split(gatherViews(outputs, large), large);
    long union = online.getFirst().dim(0);
    Tensor negatives =
        Tape.pause(() -> negatives(union, config.negatives(), key.value(), y.device()));
    Tensor total = loss.of(online, targets, negatives);
    long batch = views.getFirst().dim(0);
    return new Pass(total, y.narrow(0, 0, batch), own.narrow(0, 0, batch));
  }

  /// For each image `count` others, drawn without putting back: the largest of random numbers, its
  /// own being below all. i32 `[batch, count]`.
  static Tensor negatives(long batch, int count, Tensor key, Device device) {
    Tensor self = Tensors.iota(batch, DType.I32, device).oneHot(Math.toIntExact(batch), DType.F32);
    Tensor random = Tensors.uniform(new TensorSpec(DType.F32, Shape.of(batch, batch)), 0, 1, key);
    return random.sub(self.mul(2)).topK(count).get(1);
  }

  @Override
  public void afterStep() {
    target.step();
  }

  @Override
  public double collapseValue() {
    return config.contrastWeight() * Math.log(config.negatives() + 1.0);
  }
}
