package ibrik.ssl.method.dino;

import ibrik.nn.model.Encoder;
import ibrik.nn.schedule.Schedule;
import ibrik.nn.schedule.ScheduledScalar;
import ibrik.ssl.method.MomentumTarget;
import ibrik.ssl.method.MultiCrop;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import java.util.List;

/// A student learns the output distributions of a teacher that follows it slowly. The teacher sees
/// the two large views; its outputs are centred, which keeps one output from winning, and
/// sharpened, which keeps all from being equal: together they prevent collapse.
///
/// Both networks run in train mode. The encoder makes one pass per size of views, the head one for
/// all of them.
public final class Dino extends PartsMethod {
  /// Views that the teacher sees.
  private static final int LARGE = 2;

  private final DinoConfig config;
  private final Encoder encoder;
  private final DinoHead head;
  private final MomentumTarget teacher;
  private final Center center;
  private final ScheduledScalar temperature;
  private final List<Group> groups;

  Dino(DinoConfig config, Parts parts) {
    super(parts);
    this.config = config;
    parts.checkClusters("outputs", config.outputs());
    encoder = parts.encoder();
    int width = encoder.featureDim();
    head = parts.network("head", build -> new DinoHead(build, width, config));
    teacher =
        parts.target(
            Schedule.byolTau(config.tauBase(), parts.setting().steps()), "encoder", "head");
    center =
        parts.network(
            "center", build -> new Center(build, config.outputs(), config.centerMomentum()));
    long perEpoch = parts.setting().stepsPerEpoch();
    temperature = parts.scheduled("teacher_temperature", step -> temperature(step / perEpoch));
    groups = groups(config.freezeEpochs() * perEpoch);
  }

  /// Constant within an epoch, as in the official code.
  private double temperature(long epoch) {
    int climb = config.teacherWarmUpEpochs();
    double start = config.teacherTemperatureStart();
    double end = config.teacherTemperature();
    if (epoch >= climb) {
      return end;
    }
    return climb == 1 ? start : start + (end - start) * epoch / (climb - 1);
  }

  private List<Group> groups(long frozenSteps) {
    String last = head.last().name();
    Group body =
        new Group(
            super.groups().getFirst().parameters().stream()
                .filter(parameter -> !parameter.name().equals(last))
                .toList(),
            1);
    return List.of(
        clipped(body), clipped(new Group(List.of(head.last()), 1)).frozenFor(frozenSteps));
  }

  private Group clipped(Group group) {
    return config.clip() > 0 ? group.clippedAt(config.clip()) : group;
  }

  @Override
  public int viewCount() {
    return LARGE + config.localCrops();
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    Tensor y = MultiCrop.encode(encoder, views);
    Tensor z = head.bottleneck(y);
    Tensor scores = gatherViews(head.scores(z), views.size());
    Tensor outputs =
        gatherViews(teacher.forward(LayoutOps.concat(0, views.subList(0, LARGE))), LARGE);
    Tensor loss =
        DinoLoss.of(
            scores,
            outputs,
            center.value(),
            views.size(),
            config.studentTemperature(),
            temperature.variable().value());
    center.stage(outputs);
    long batch = views.getFirst().dim(0);
    return new Pass(loss, y.narrow(0, 0, batch), z.narrow(0, 0, batch));
  }

  /// The teacher's, unless the student is to be kept.
  @Override
  public Encoder encoder() {
    return config.keepStudent() ? encoder : (Encoder) network("target_encoder");
  }

  /// Of the head that belongs to the encoder that is kept.
  @Override
  public Tensor clusterScores(Tensor features) {
    return (config.keepStudent() ? head : network("target_head")).forward(features);
  }

  @Override
  public List<Group> groups() {
    return groups;
  }

  @Override
  public void afterStep() {
    teacher.step();
    center.move();
  }

  @Override
  public double collapseValue() {
    return Math.log(config.outputs());
  }
}
