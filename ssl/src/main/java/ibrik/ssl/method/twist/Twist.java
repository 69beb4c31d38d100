package ibrik.ssl.method.twist;

import ibrik.nn.BatchNorm;
import ibrik.nn.MlpHead;
import ibrik.nn.model.Encoder;
import ibrik.nn.schedule.Schedule;
import ibrik.nn.schedule.ScheduledScalar;
import ibrik.ssl.method.MethodFactory.Setting;
import ibrik.ssl.method.MultiCrop;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.ssl.method.Require;
import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.Tensors;
import java.util.List;
import java.util.Map;

/// One network classifies all views into made-up classes; see [TwistLoss]. Nothing is asymmetric:
/// no teacher, no predictor, no queue.
///
/// If the last epochs train on own labels, both losses are computed in every step, and a number on
/// the device picks one: the ops of a step do not depend on how far training is.
public final class Twist extends PartsMethod {
  private static final int LARGE = 2;

  private final TwistConfig config;
  private final Encoder encoder;
  private final MlpHead head;

  /// How many images of a batch are believed; -1 before that begins.
  private final ScheduledScalar believed;

  Twist(TwistConfig config, Parts parts) {
    super(parts);
    this.config = config;
    parts.checkClusters("classes", config.classes());
    encoder = parts.encoder();
    MlpHead.Config form =
        MlpHead.Config.of(List.of(config.hidden(), config.hidden()), config.classes());
    head =
        parts.head(
            "head",
            encoder.featureDim(),
            config.lastNorm() ? form.endingIn(BatchNorm.Affine.NONE) : form);
    believed = parts.scheduled("believed", believed(config, parts.setting()));
  }

  private static Schedule believed(TwistConfig config, Setting setting) {
    long labelled = config.selfLabelEpochs() * setting.stepsPerEpoch();
    Require.check(
        config.selfLabelEpochs() == 0 || labelled < setting.steps(),
        "self_label_epochs",
        "below the " + setting.steps() / setting.stepsPerEpoch() + " epochs of the run",
        config.selfLabelEpochs());
    long first = setting.steps() - labelled;
    int batch = setting.unionSize();
    Schedule quantile = Schedule.cosine(config.quantileStart(), config.quantileEnd(), labelled);
    return step ->
        step < first ? -1 : Math.min(batch - 1, Math.floor(quantile.at(step - first) * batch));
  }

  @Override
  public int viewCount() {
    return LARGE + config.localCrops();
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    Tensor y = MultiCrop.encode(encoder, views);
    Tensor own = head.forward(y);
    List<Tensor> logits = MultiCrop.split(gatherViews(own, views.size()), views.size());
    Tensor loss = TwistLoss.of(logits, config.sharpness(), config.diversity());
    if (config.selfLabelEpochs() > 0) {
      Tensor count = believed.variable().value();
      Tensor zero = Tensors.zerosLike(count);
      Tensor rank = count.maximum(zero).reshape(1).cast(DType.I32);
      loss = count.greaterEqual(zero).where(SelfLabels.of(logits, rank), loss);
    }
    long batch = views.getFirst().dim(0);
    return new Pass(loss, y.narrow(0, 0, batch), own.narrow(0, 0, batch));
  }

  @Override
  public Tensor clusterScores(Tensor features) {
    return head.forward(features);
  }

  @Override
  public Map<String, Double> scalars(long step) {
    return config.selfLabelEpochs() > 0 ? super.scalars(step) : Map.of();
  }

  @Override
  public double collapseValue() {
    return (config.sharpness() - config.diversity())
        * -Math.log(1.0 / config.classes() + TwistLoss.EPS);
  }
}
