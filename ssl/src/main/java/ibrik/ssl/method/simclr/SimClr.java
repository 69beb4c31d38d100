package ibrik.ssl.method.simclr;

import ibrik.nn.MlpHead;
import ibrik.nn.model.Encoder;
import ibrik.ssl.method.MultiCrop;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import java.util.List;

/// One network; the two views of an image attract, all other images of the batch repel. Both views
/// go through as one batch, so that batch norms see them mixed, as in the official code.
public final class SimClr extends PartsMethod {
  private final Encoder encoder;
  private final MlpHead projector;
  private final double temperature;
  private final int unionSize;

  SimClr(SimClrConfig config, Parts parts) {
    super(parts);
    temperature = config.temperature();
    unionSize = parts.setting().unionSize();
    encoder = parts.encoder();
    projector =
        parts.head(
            "projector",
            encoder.featureDim(),
            MlpHead.Config.simclr(config.projectorHidden(), config.projectorOut()));
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    long batch = views.getFirst().dim(0);
    Tensor y = encoder.forward(LayoutOps.concat(0, views));
    Tensor z = projector.forward(y);
    List<Tensor> all = MultiCrop.split(gatherViews(z, 2), 2);
    Tensor loss = NtXent.of(all.get(0), all.get(1), temperature);
    return new Pass(loss, y.narrow(0, 0, batch), z.narrow(0, 0, batch));
  }

  @Override
  public double collapseValue() {
    return Math.log(2.0 * unionSize - 1);
  }
}
