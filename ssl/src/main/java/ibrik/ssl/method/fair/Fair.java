package ibrik.ssl.method.fair;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Identity;
import ibrik.nn.MlpHead;
import ibrik.nn.Module;
import ibrik.nn.model.Encoder;
import ibrik.nn.schedule.Schedule;
import ibrik.ssl.method.MomentumTarget;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.ssl.method.Queue;
import ibrik.ssl.method.RandomKey;
import ibrik.ssl.method.byol.ByolLoss;
import ibrik.ssl.method.fair.FairConfig.Objective;
import ibrik.ssl.method.mocov2.QueueLoss;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;

/// MoCo v2+ and BYOL in one frame: the same encoder, heads, target, schedule and views; only the
/// loss differs, and whether the target has the online predictor's copy.
///
/// The queue is there for either loss, so that both have one state; it moves only where it is read.
public final class Fair extends PartsMethod {
  private final FairConfig config;
  private final Encoder encoder;
  private final MlpHead projector;
  private final Module predictor;
  private final MomentumTarget target;
  private final Queue queue;
  private final RandomKey coin;

  Fair(FairConfig config, Parts parts) {
    super(parts);
    this.config = config;
    encoder = parts.encoder();
    projector = parts.head("projector", encoder.featureDim(), head(config));
    predictor = parts.network("predictor", build -> predictor(build, config));
    Schedule tau = Schedule.byolTau(config.tauBase(), parts.setting().steps());
    target =
        config.targetPredictor()
            ? parts.target(tau, "encoder", "projector", "predictor")
            : parts.target(tau, "encoder", "projector");
    queue = parts.queue("queue", config.queue(), config.headOut());
    coin = parts.random("coin");
  }

  /// BYOL's last Linears keep their bias, MoCo's have none.
  private static MlpHead.Config head(FairConfig config) {
    MlpHead.Config head = MlpHead.Config.of(List.of(config.headHidden()), config.headOut());
    return config.objective() == Objective.BYOL ? head : head.withoutLastBias();
  }

  private static Module predictor(Build build, FairConfig config) {
    return config.predictor()
        ? new MlpHead(build, config.headOut(), head(config))
        : new Identity(build);
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    List<Tensor> features = new ArrayList<>();
    List<Tensor> z = new ArrayList<>();
    List<Tensor> o = new ArrayList<>();
    for (Tensor view : views) {
      features.add(encoder.forward(view));
      z.add(projector.forward(features.getLast()));
      o.add(gather(predictor.forward(z.getLast())));
    }
    List<Tensor> t = views.stream().map(view -> gather(target.forward(view))).toList();
    return new Pass(loss(o, t), features.getFirst(), z.getFirst());
  }

  private Tensor loss(List<Tensor> o, List<Tensor> t) {
    if (config.objective() == Objective.BYOL) {
      return ByolLoss.symmetric(o.get(0), o.get(1), t.get(0), t.get(1));
    }
    queue.stage(Tape.pause(() -> oneOf(t.get(0), t.get(1)).l2Normalize()));
    return contrast(o.get(0), t.get(1)).add(contrast(o.get(1), t.get(0)));
  }

  private Tensor contrast(Tensor query, Tensor key) {
    return QueueLoss.of(query, key, queue.rows(), config.temperature());
  }

  /// The first or the second, by the toss of this step.
  private Tensor oneOf(Tensor first, Tensor second) {
    TensorSpec one = new TensorSpec(DType.F32, Shape.of(1, 1));
    Tensor heads = Tensors.bernoulli(one, 0.5, coin.value()).cast(DType.BOOL);
    return heads.where(first, second);
  }

  @Override
  public void afterStep() {
    target.step();
    if (config.objective() == Objective.MOCO) {
      queue.push();
    }
  }

  @Override
  public double collapseValue() {
    return config.objective() == Objective.BYOL ? 0 : 2 * Math.log(1.0 + config.queue());
  }
}
