package ibrik.ssl.method.byol;

import ibrik.nn.Build;
import ibrik.nn.Identity;
import ibrik.nn.MlpHead;
import ibrik.nn.Module;
import ibrik.nn.model.Encoder;
import ibrik.nn.schedule.Schedule;
import ibrik.ssl.method.MomentumTarget;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The online network (encoder, projector, predictor) predicts what the target network (encoder,
/// projector) makes of the other view; the target follows the online network slowly.
///
/// The two views go through each network one after the other, so that batch norms see one view at a
/// time. The target runs in train mode and keeps running statistics of its own.
public final class Byol extends PartsMethod {
  private final Encoder encoder;
  private final Module projector;
  private final Module predictor;
  private final MomentumTarget target;
  private final double predictorLrFactor;

  Byol(ByolConfig config, Parts parts) {
    super(parts);
    int width = config.projectorOut();
    predictorLrFactor = config.predictorLrFactor();
    encoder = parts.encoder();
    projector =
        parts.head(
            "projector",
            encoder.featureDim(),
            MlpHead.Config.byol(config.projectorHidden(), width));
    predictor = parts.network("predictor", build -> predictor(build, config));
    target =
        parts.target(
            Schedule.byolTau(config.tauBase(), parts.setting().steps()), "encoder", "projector");
  }

  private static Module predictor(Build build, ByolConfig config) {
    int width = config.projectorOut();
    return config.predictor()
        ? new MlpHead(build, width, config.predictorHidden(), width)
        : new Identity(build);
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    List<Tensor> predictions = new ArrayList<>();
    List<Tensor> features = new ArrayList<>();
    List<Tensor> projections = new ArrayList<>();
    for (Tensor view : views) {
      Tensor y = encoder.forward(view);
      Tensor z = projector.forward(y);
      features.add(y);
      projections.add(z);
      predictions.add(gather(predictor.forward(z)));
    }
    List<Tensor> targets = views.stream().map(view -> gather(target.forward(view))).toList();
    Tensor loss =
        ByolLoss.symmetric(predictions.get(0), predictions.get(1), targets.get(0), targets.get(1));
    return new Pass(loss, features.getFirst(), projections.getFirst());
  }

  @Override
  public List<Group> groups() {
    return groups(predictor, predictorLrFactor, false);
  }

  @Override
  public void afterStep() {
    target.step();
  }

  @Override
  public double collapseValue() {
    return 0;
  }
}
