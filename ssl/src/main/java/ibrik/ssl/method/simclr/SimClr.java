package ibrik.ssl.method.simclr;

import ibrik.nn.MlpHead;
import ibrik.nn.model.Encoder;
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
  private final int batchSize;

  SimClr(SimClrConfig config, Parts parts) {
    super(parts);
    temperature = config.temperature();
    batchSize = parts.setting().batchSize();
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
    Tensor z1 = z.narrow(0, 0, batch);
    Tensor z2 = z.narrow(0, batch, batch);
    return new Pass(NtXent.of(z1, z2, temperature), y.narrow(0, 0, batch), z1);
  }

  @Override
  public double collapseValue() {
    return Math.log(2.0 * batchSize - 1);
  }
}
