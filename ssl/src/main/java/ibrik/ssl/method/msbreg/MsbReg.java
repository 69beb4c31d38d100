package ibrik.ssl.method.msbreg;

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
import ibrik.ssl.method.RandomKey;
import ibrik.tensor.Tensor;
import ibrik.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;

/// BYOL's two networks, but every view is drawn to the centroid of what the target makes of all
/// views, and two forces of its own, one global, one random, keep the embeddings apart.
public final class MsbReg extends PartsMethod {
  private final MsbRegConfig config;
  private final Encoder encoder;
  private final MlpHead projector;
  private final Module predictor;
  private final MomentumTarget target;
  private final RandomKey noise;

  MsbReg(MsbRegConfig config, Parts parts) {
    super(parts);
    this.config = config;
    encoder = parts.encoder();
    projector =
        parts.head("projector", encoder.featureDim(), head(config, config.projectorHidden()));
    predictor = parts.network("predictor", build -> predictor(build, config));
    target =
        parts.target(
            Schedule.byolTau(config.tauBase(), parts.setting().steps()), "encoder", "projector");
    noise = parts.random("brownian");
  }

  private static MlpHead.Config head(MsbRegConfig config, int hidden) {
    MlpHead.Config head = MlpHead.Config.of(List.of(hidden), config.projectorOut());
    return config.headNorm() ? head : head.withoutNorms();
  }

  private static Module predictor(Build build, MsbRegConfig config) {
    return config.predictor()
        ? new MlpHead(build, config.projectorOut(), head(config, config.predictorHidden()))
        : new Identity(build);
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    List<Tensor> features = new ArrayList<>();
    List<Tensor> z = new ArrayList<>();
    List<Tensor> online = new ArrayList<>();
    for (Tensor view : views) {
      features.add(encoder.forward(view));
      z.add(projector.forward(features.getLast()));
      online.add(gather(predictor.forward(z.getLast())));
    }
    List<Tensor> targets = views.stream().map(target::forward).toList();
    Tensor centroid = Tape.pause(() -> gather(MsbRegLoss.centroid(targets)));
    Tensor directions =
        Tape.pause(
            () -> Tensors.normal(online.getFirst().spec(), 0, 1, noise.value()).l2Normalize());
    Tensor loss =
        MsbRegLoss.attraction(online, centroid)
            .add(spread(online).mul(config.singular()))
            .add(MsbRegLoss.diffusion(online, directions).mul(config.brownian()));
    return new Pass(loss, features.getFirst(), z.getFirst());
  }

  private Tensor spread(List<Tensor> online) {
    return switch (config.dispersion()) {
      case GRAM -> MsbRegLoss.dispersion(online);
      case EXPLICIT -> MsbRegLoss.singularValues(online);
    };
  }

  @Override
  public void afterStep() {
    target.step();
  }

  /// The mean over random directions.
  @Override
  public double collapseValue() {
    double width = config.projectorOut();
    return config.singular()
        * switch (config.dispersion()) {
          case GRAM -> width - 1;
          case EXPLICIT -> 2 / width * (1 - 1 / Math.sqrt(width));
        };
  }
}
