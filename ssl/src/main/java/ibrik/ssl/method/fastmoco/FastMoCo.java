package ibrik.ssl.method.fastmoco;

import ibrik.nn.BatchNorm.Affine;
import ibrik.nn.MlpHead;
import ibrik.nn.model.Encoder;
import ibrik.nn.schedule.Schedule;
import ibrik.ssl.method.BatchContrast;
import ibrik.ssl.method.MomentumTarget;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The online network sees each view as patches, encodes them apart and averages the features of
/// every choice of some; each mean must pick out the whole other view, as a slow copy of the
/// network sees it, within the batch.
public final class FastMoCo extends PartsMethod {
  private final FastMoCoConfig config;
  private final Encoder encoder;
  private final MlpHead projector;
  private final MlpHead predictor;
  private final MomentumTarget target;
  private final int unionSize;

  FastMoCo(FastMoCoConfig config, Parts parts) {
    super(parts);
    this.config = config;
    unionSize = parts.setting().unionSize();
    int hidden = config.projectorHidden();
    int width = config.projectorOut();
    encoder = parts.encoder();
    projector =
        parts.head(
            "projector",
            encoder.featureDim(),
            MlpHead.Config.of(List.of(hidden, hidden), width).endingIn(Affine.FULL));
    predictor =
        parts.head("predictor", width, MlpHead.Config.of(List.of(config.predictorHidden()), width));
    target = parts.target(Schedule.constant(config.tau()), "encoder", "projector");
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    int patches = config.split() * config.split();
    List<Tensor> features = new ArrayList<>();
    List<Tensor> z = new ArrayList<>();
    List<Tensor> p = new ArrayList<>();
    for (Tensor view : views) {
      features.add(encoder.forward(Patches.split(view, config.split())));
      z.add(projector.forward(Patches.combine(features.getLast(), patches, config.combine())));
      int choices = Math.toIntExact(z.getLast().dim(0) / view.dim(0));
      p.add(gatherViews(predictor.forward(z.getLast()), choices));
    }
    List<Tensor> whole = views.stream().map(view -> gather(target.forward(view))).toList();
    Tensor loss = loss(p.get(0), whole.get(1)).add(loss(p.get(1), whole.get(0))).div(2);
    long batch = views.getFirst().dim(0);
    return new Pass(
        loss,
        Patches.combine(features.getFirst(), patches, patches),
        z.getFirst().narrow(0, 0, batch));
  }

  private Tensor loss(Tensor predictions, Tensor whole) {
    return BatchContrast.of(predictions, whole.detach(), config.temperature());
  }

  @Override
  public List<Group> groups() {
    return groups(predictor, 1, config.steadyPredictor());
  }

  @Override
  public void afterStep() {
    target.step();
  }

  @Override
  public double collapseValue() {
    return Math.log(unionSize);
  }
}
