package ibrik.ssl.method.mocov3;

import ibrik.nn.BatchNorm.Affine;
import ibrik.nn.MlpHead;
import ibrik.nn.model.Encoder;
import ibrik.nn.schedule.Schedule;
import ibrik.ssl.method.MomentumTarget;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The prediction of each view must pick out, within the batch, the key of the other view, which a
/// slow copy of encoder and projector makes. No queue: batches are meant to be large.
public final class MoCoV3 extends PartsMethod {
  private final Encoder encoder;
  private final MlpHead projector;
  private final MlpHead predictor;
  private final MomentumTarget target;
  private final double temperature;
  private final int unionSize;

  MoCoV3(MoCoV3Config config, Parts parts) {
    super(parts);
    temperature = config.temperature();
    unionSize = parts.setting().unionSize();
    int width = config.projectorOut();
    encoder = parts.encoder();
    projector =
        parts.head(
            "projector",
            encoder.featureDim(),
            MlpHead.Config.of(
                    Collections.nCopies(config.projectorLayers() - 1, config.projectorHidden()),
                    width)
                .withoutHiddenBias()
                .withoutLastBias()
                .endingIn(Affine.NONE));
    MlpHead.Config plain =
        MlpHead.Config.of(List.of(config.predictorHidden()), width)
            .withoutHiddenBias()
            .withoutLastBias();
    predictor =
        parts.head(
            "predictor", width, config.predictorNorm() ? plain.endingIn(Affine.NONE) : plain);
    // The official code moves the target before the next step's keys, with that step's rate.
    Schedule tau = Schedule.byolTau(config.tauBase(), parts.setting().steps());
    target = parts.target(step -> tau.at(step + 1), "encoder", "projector");
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    List<Tensor> features = new ArrayList<>();
    List<Tensor> z = new ArrayList<>();
    List<Tensor> q = new ArrayList<>();
    for (Tensor view : views) {
      features.add(encoder.forward(view));
      z.add(projector.forward(features.getLast()));
      q.add(gather(predictor.forward(z.getLast())));
    }
    List<Tensor> k = views.stream().map(view -> gather(target.forward(view))).toList();
    Tensor loss = MoCoV3Loss.symmetric(q.get(0), q.get(1), k.get(0), k.get(1), temperature);
    return new Pass(loss, features.getFirst(), z.getFirst());
  }

  @Override
  public void afterStep() {
    target.step();
  }

  @Override
  public double collapseValue() {
    return 4 * temperature * Math.log(unionSize);
  }
}
