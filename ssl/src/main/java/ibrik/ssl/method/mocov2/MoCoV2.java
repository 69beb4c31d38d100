package ibrik.ssl.method.mocov2;

import ibrik.autograd.Tape;
import ibrik.nn.MlpHead;
import ibrik.nn.model.Encoder;
import ibrik.nn.schedule.Schedule;
import ibrik.ssl.method.MomentumTarget;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.ssl.method.Queue;
import ibrik.ssl.method.RandomKey;
import ibrik.ssl.method.SplitBatch;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import java.util.List;

/// A query must pick out the key of the other view of its image among the keys of many earlier
/// batches. Keys come from a slow copy of the network, so that old ones are still comparable.
public final class MoCoV2 extends PartsMethod {
  private final MoCoV2Config config;
  private final Encoder encoder;
  private final MlpHead projector;
  private final MomentumTarget target;
  private final Queue queue;
  private final SplitBatch split;
  private final RandomKey shuffle;

  MoCoV2(MoCoV2Config config, Parts parts) {
    super(parts);
    this.config = config;
    int batch = parts.setting().batchSize();
    encoder = parts.encoder();
    projector =
        parts.head(
            "projector",
            encoder.featureDim(),
            MlpHead.Config.of(List.of(config.projectorHidden()), config.projectorOut())
                .withoutNorms());
    target = parts.target(Schedule.constant(config.tau()), "encoder", "projector");
    int union = parts.setting().unionSize();
    int keys = config.symmetric() ? 2 * union : union;
    queue = parts.queue("queue", config.queue(), keys, config.projectorOut());
    split = new SplitBatch(config.normParts(), batch);
    shuffle = parts.random("shuffle");
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    Tensor features = split.apply(encoder::forward, views.get(0));
    Tensor z = projector.forward(features);
    Tensor key = key(views.get(1));
    Tensor loss = loss(gather(z), key);
    if (config.symmetric()) {
      Tensor other = projector.forward(split.apply(encoder::forward, views.get(1)));
      Tensor otherKey = key(views.get(0));
      loss = loss.add(loss(gather(other), otherKey)).div(2);
      queue.stage(Tape.pause(() -> LayoutOps.concat(0, List.of(key, otherKey))));
    } else {
      queue.stage(key);
    }
    return new Pass(loss, features, z);
  }

  /// Keys of all devices.
  private Tensor key(Tensor view) {
    return Tape.pause(() -> gather(split.shuffled(target::forward, view, shuffle).l2Normalize()));
  }

  private Tensor loss(Tensor z, Tensor key) {
    return QueueLoss.of(z, key, queue.rows(), config.temperature());
  }

  @Override
  public void afterStep() {
    target.step();
    queue.push();
  }

  @Override
  public double collapseValue() {
    return Math.log(1.0 + config.queue());
  }
}
