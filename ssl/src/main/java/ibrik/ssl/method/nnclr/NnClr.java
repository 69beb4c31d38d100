package ibrik.ssl.method.nnclr;

import ibrik.autograd.Tape;
import ibrik.nn.BatchNorm.Affine;
import ibrik.nn.MlpHead;
import ibrik.nn.model.Encoder;
import ibrik.ssl.method.BatchContrast;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.ssl.method.Queue;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The prediction of one view must pick out, within the batch, the neighbour of the other view: the
/// nearest embedding of earlier batches, most often another image. Only first views enter the
/// queue.
public final class NnClr extends PartsMethod {
  private final Encoder encoder;
  private final MlpHead projector;
  private final MlpHead predictor;
  private final Queue queue;
  private final double temperature;
  private final int unionSize;

  NnClr(NnClrConfig config, Parts parts) {
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
                .endingIn(Affine.FULL));
    predictor =
        parts.head("predictor", width, MlpHead.Config.of(List.of(config.predictorHidden()), width));
    queue = parts.queue("queue", config.queue(), width);
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    List<Tensor> features = new ArrayList<>();
    List<Tensor> z = new ArrayList<>();
    List<Tensor> p = new ArrayList<>();
    for (Tensor view : views) {
      features.add(encoder.forward(view));
      z.add(projector.forward(features.getLast()));
      p.add(predictor.forward(z.getLast()));
    }
    Tensor loss = loss(z.get(0), p.get(1)).add(loss(z.get(1), p.get(0))).div(2);
    queue.stage(Tape.pause(() -> gather(z.getFirst().l2Normalize())));
    return new Pass(loss, features.getFirst(), z.getFirst());
  }

  /// Each neighbour must pick out the prediction of its own image.
  private Tensor loss(Tensor z, Tensor prediction) {
    Tensor neighbors = gather(NearestNeighbors.of(z, queue.rows()));
    return BatchContrast.of(neighbors, gather(prediction), temperature);
  }

  @Override
  public void afterStep() {
    queue.push();
  }

  @Override
  public double collapseValue() {
    return Math.log(unionSize);
  }
}
