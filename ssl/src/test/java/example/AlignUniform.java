package example;

import ibrik.nn.MlpHead;
import ibrik.nn.model.Encoder;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.tensor.Tensor;
import java.util.List;

/// One network; the views of an image come near, all images spread over the sphere.
public final class AlignUniform extends PartsMethod {
  private final AlignUniformConfig config;
  private final Encoder encoder;
  private final MlpHead projector;

  AlignUniform(AlignUniformConfig config, Parts parts) {
    super(parts);
    this.config = config;
    encoder = parts.encoder();
    projector =
        parts.head(
            "projector",
            encoder.featureDim(),
            MlpHead.Config.of(List.of(config.projectorHidden()), config.projectorOut()));
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    Tensor y1 = encoder.forward(views.get(0));
    Tensor z1 = projector.forward(y1);
    Tensor z2 = projector.forward(encoder.forward(views.get(1)));
    Tensor all1 = gather(z1);
    Tensor all2 = gather(z2);
    Tensor spread = AlignUniformLoss.uniformity(all1).add(AlignUniformLoss.uniformity(all2)).div(2);
    Tensor loss = AlignUniformLoss.alignment(all1, all2).add(spread.mul(config.uniformity()));
    return new Pass(loss, y1, z1);
  }

  @Override
  public double collapseValue() {
    return 0;
  }
}
