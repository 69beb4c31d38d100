package ibrik.ssl.method.vicreg;

import ibrik.nn.MlpHead;
import ibrik.nn.model.Encoder;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.tensor.Tensor;
import java.util.List;

/// One network; the views' embeddings should be near, each dimension should vary over the batch,
/// and no two should vary together. The views go through one after the other.
public final class VicReg extends PartsMethod {
  private final VicRegConfig config;
  private final Encoder encoder;
  private final MlpHead projector;

  VicReg(VicRegConfig config, Parts parts) {
    super(parts);
    this.config = config;
    if (parts.setting().unionSize() < 2) {
      throw new IllegalArgumentException(
          "[vicreg] needs batches of at least 2 images for a variance; got "
              + parts.setting().unionSize());
    }
    encoder = parts.encoder();
    int hidden = config.projectorHidden();
    projector =
        parts.head(
            "projector",
            encoder.featureDim(),
            MlpHead.Config.of(List.of(hidden, hidden), config.projectorOut()).withoutLastBias());
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    Tensor y1 = encoder.forward(views.get(0));
    Tensor z1 = projector.forward(y1);
    Tensor z2 = projector.forward(encoder.forward(views.get(1)));
    return new Pass(VicRegLoss.of(gather(z1), gather(z2), config), y1, z1);
  }

  @Override
  public double collapseValue() {
    return config.variance() * (VicRegLoss.TARGET - Math.sqrt(VicRegLoss.EPS));
  }
}
