package ibrik.ssl.method.simsiam;

import ibrik.nn.BatchNorm.Affine;
import ibrik.nn.Build;
import ibrik.nn.Identity;
import ibrik.nn.MlpHead;
import ibrik.nn.Module;
import ibrik.nn.model.Encoder;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// One network (encoder, projector) and a predictor that guesses from the projection of one view
/// that of the other, which is held constant: no negatives, no slow copy.
public final class SimSiam extends PartsMethod {
  private final Encoder encoder;
  private final Module projector;
  private final Module predictor;
  private final boolean stopGradient;
  private final boolean steadyPredictor;

  SimSiam(SimSiamConfig config, Parts parts) {
    super(parts);
    stopGradient = config.stopGradient();
    steadyPredictor = config.steadyPredictor();
    encoder = parts.encoder();
    projector =
        parts.head(
            "projector",
            encoder.featureDim(),
            MlpHead.Config.of(
                    Collections.nCopies(config.projectorLayers() - 1, config.projectorHidden()),
                    config.projectorOut())
                .withoutHiddenBias()
                .withoutLastBias()
                .endingIn(Affine.NONE));
    predictor = parts.network("predictor", build -> predictor(build, config));
  }

  private static Module predictor(Build build, SimSiamConfig config) {
    int width = config.projectorOut();
    return config.predictor()
        ? new MlpHead(
            build,
            width,
            MlpHead.Config.of(List.of(config.predictorHidden()), width).withoutHiddenBias())
        : new Identity(build);
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    List<Tensor> features = new ArrayList<>();
    List<Tensor> z = new ArrayList<>();
    for (Tensor view : views) {
      features.add(encoder.forward(view));
      z.add(projector.forward(features.getLast()));
    }
    List<Tensor> p = z.stream().map(t -> gather(predictor.forward(t))).toList();
    List<Tensor> targets = z.stream().map(t -> gather(stopGradient ? t.detach() : t)).toList();
    Tensor loss = SimSiamLoss.symmetric(p.get(0), p.get(1), targets.get(0), targets.get(1));
    return new Pass(loss, features.getFirst(), z.getFirst());
  }

  @Override
  public List<Group> groups() {
    return groups(predictor, 1, steadyPredictor);
  }

  @Override
  public double collapseValue() {
    return -1;
  }
}
