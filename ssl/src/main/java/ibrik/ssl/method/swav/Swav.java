package ibrik.ssl.method.swav;

import ibrik.autograd.Tape;
import ibrik.nn.MlpHead;
import ibrik.nn.model.Encoder;
import ibrik.nn.schedule.ScheduledScalar;
import ibrik.ssl.method.MultiCrop;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.ssl.method.Prototypes;
import ibrik.ssl.method.Queue;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Embeddings are scored against prototypes; the scores of the two large views become codes that
/// use all prototypes evenly, and each view predicts the codes of the others.
///
/// The encoder makes one pass per size of views, the projector one pass for all of them. With a
/// queue, both codes are computed in every step, with it and without, and a number on the device
/// picks one: the ops of a step do not depend on how far training is.
public final class Swav extends PartsMethod {
  /// Large views: those that have codes.
  private static final int ASSIGNED = 2;

  private final SwavConfig config;
  private final Encoder encoder;
  private final MlpHead projector;
  private final Prototypes prototypes;
  private final List<Queue> queues = new ArrayList<>();
  private final ScheduledScalar queueInUse;
  private final long frozenSteps;

  Swav(SwavConfig config, Parts parts) {
    super(parts);
    this.config = config;
    parts.checkClusters("prototypes", config.prototypes());
    int width = config.projectorOut();
    encoder = parts.encoder();
    projector =
        parts.head(
            "projector",
            encoder.featureDim(),
            MlpHead.Config.of(List.of(config.projectorHidden()), width));
    prototypes =
        parts.network("prototypes", build -> new Prototypes(build, config.prototypes(), width));
    for (int i = 0; config.queueLength() > 0 && i < ASSIGNED; i++) {
      queues.add(parts.queue("queue" + i, config.queueLength(), width));
    }
    long perEpoch = parts.setting().stepsPerEpoch();
    frozenSteps = config.freezeEpochs() * perEpoch;
    long start = config.queueStartEpoch() * perEpoch;
    long full = start + config.queueLength() / parts.setting().unionSize();
    queueInUse = parts.scheduled("queue_in_use", step -> step < full ? 0 : 1);
  }

  @Override
  public int viewCount() {
    return ASSIGNED + config.localCrops();
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    Tensor y = MultiCrop.encode(encoder, views);
    Tensor z = projector.forward(y).l2Normalize();
    Tensor scores = gatherViews(prototypes.forward(z), viewCount());
    List<Tensor> codes = Tape.pause(() -> codes(z, scores));
    Tensor loss = SwavLoss.of(scores, codes, views.size(), config.temperature());
    long batch = views.getFirst().dim(0);
    return new Pass(loss, y.narrow(0, 0, batch), z.narrow(0, 0, batch));
  }

  /// @param z of this device
  /// @param scores of all devices
  private List<Tensor> codes(Tensor z, Tensor scores) {
    List<Tensor> embeddings = MultiCrop.split(z, viewCount());
    List<Tensor> each = MultiCrop.split(scores, viewCount());
    List<Tensor> codes = new ArrayList<>();
    for (int i = 0; i < ASSIGNED; i++) {
      Tensor alone = sinkhorn(each.get(i));
      codes.add(queues.isEmpty() ? alone : picked(queues.get(i), each.get(i), alone));
      if (!queues.isEmpty()) {
        queues.get(i).stage(gather(embeddings.get(i)));
      }
    }
    return codes;
  }

  private Tensor sinkhorn(Tensor scores) {
    return scores.sinkhornKnopp(config.epsilon(), config.iterations());
  }

  /// Old embeddings are scored with the prototypes of today; until the queue is full of what came
  /// after its start, it is left out.
  private Tensor picked(Queue queue, Tensor scores, Tensor alone) {
    Tensor old = prototypes.forward(queue.rows());
    Tensor together = sinkhorn(LayoutOps.concat(0, List.of(old, scores)));
    Tensor last = together.narrow(0, config.queueLength(), scores.dim(0));
    Tensor use = queueInUse.variable().value();
    return use.greater(Tensors.zerosLike(use)).where(last, alone);
  }

  @Override
  public Tensor clusterScores(Tensor features) {
    return prototypes.forward(projector.forward(features).l2Normalize());
  }

  @Override
  public List<Group> groups() {
    List<Group> all = groups(prototypes, 1, false);
    return List.of(all.getFirst(), all.getLast().frozenFor(frozenSteps));
  }

  @Override
  public void afterStep() {
    prototypes.normalize();
    queues.forEach(Queue::push);
  }

  @Override
  public Map<String, Double> scalars(long step) {
    return queues.isEmpty() ? Map.of() : super.scalars(step);
  }

  @Override
  public double collapseValue() {
    return Math.log(config.prototypes());
  }
}
