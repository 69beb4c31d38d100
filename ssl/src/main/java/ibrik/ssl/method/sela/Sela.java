package ibrik.ssl.method.sela;

import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Prototypes;
import ibrik.ssl.method.cluster.ClusterNetwork;
import ibrik.tensor.Tensor;

/// At the start of each epoch the embeddings of the last one are assigned to the prototypes by
/// Sinkhorn-Knopp over all images, so that clusters have about one size; all views learn the
/// cluster of their image, and the prototypes learn along.
public final class Sela extends ClusterNetwork {
  private final SelaConfig config;

  Sela(SelaConfig config, Parts parts) {
    super(
        new Form(
            config.projectorHidden(),
            config.projectorOut(),
            config.prototypes(),
            config.heads(),
            config.localCrops(),
            config.temperature()),
        parts);
    this.config = config;
  }

  @Override
  protected Tensor clusters(Tensor embeddings, int head, int epoch) {
    return prototypes()
        .get(head)
        .forward(embeddings)
        .sinkhornKnopp(config.epsilon(), config.iterations())
        .argMax(-1);
  }

  @Override
  public void afterStep() {
    prototypes().forEach(Prototypes::normalize);
  }
}
