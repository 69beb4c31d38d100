package ibrik.ssl.method.barlow;

import ibrik.nn.MlpHead;
import ibrik.nn.Parameter;
import ibrik.nn.model.Encoder;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// One network; each dimension of the embedding should agree between the views, and no two should
/// say the same. The views go through one after the other.
public final class BarlowTwins extends PartsMethod {
  private final BarlowTwinsConfig config;
  private final Encoder encoder;
  private final MlpHead projector;

  BarlowTwins(BarlowTwinsConfig config, Parts parts) {
    super(parts);
    this.config = config;
    encoder = parts.encoder();
    projector =
        parts.head(
            "projector",
            encoder.featureDim(),
            MlpHead.Config.of(
                    Collections.nCopies(config.projectorLayers() - 1, config.projectorHidden()),
                    config.projectorOut())
                .withoutHiddenBias()
                .withoutLastBias());
  }

  @Override
  public Pass forward(List<Tensor> views, Tensor labels) {
    Tensor y1 = encoder.forward(views.get(0));
    Tensor z1 = projector.forward(y1);
    Tensor z2 = projector.forward(encoder.forward(views.get(1)));
    Tensor loss = BarlowTwinsLoss.of(gather(z1), gather(z2), config.lambda());
    return new Pass(loss.mul(config.scale()), y1, z1);
  }

  /// Weights, then biases and norms.
  @Override
  public List<Group> groups() {
    List<Parameter> weights = new ArrayList<>();
    List<Parameter> rest = new ArrayList<>();
    for (Parameter p : super.groups().getFirst().parameters()) {
      (p.role() == Parameter.Role.WEIGHT ? weights : rest).add(p);
    }
    return List.of(new Group(weights, 1), new Group(rest, config.biasLrFactor()));
  }

  @Override
  public double collapseValue() {
    return config.scale() * config.projectorOut();
  }
}
