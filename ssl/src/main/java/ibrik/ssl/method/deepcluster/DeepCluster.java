package ibrik.ssl.method.deepcluster;

import ibrik.nn.Parameter;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.cluster.ClusterNetwork;
import ibrik.tensor.Tensor;
import ibrik.tensor.random.PhiloxStream;
import java.util.List;

/// At the start of each epoch the embeddings of the last one are clustered by spherical k-means,
/// once per head; the centroids become the prototypes, which stand still until the next epoch, and
/// all views learn the cluster of their image.
public final class DeepCluster extends ClusterNetwork {
  private final DeepClusterConfig config;
  private final long seed;

  DeepCluster(DeepClusterConfig config, Parts parts) {
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
    this.seed = parts.setting().build().seed();
  }

  @Override
  protected Tensor clusters(Tensor embeddings, int head, int epoch) {
    PhiloxStream random = new PhiloxStream(seed, (long) epoch * config.heads() + head);
    SphericalKMeans found =
        SphericalKMeans.fit(embeddings, config.prototypes(), config.iterations(), random);
    prototypes().get(head).weight().variable().set(found.centroids());
    return found.clusters();
  }

  /// All but the prototypes.
  @Override
  public List<Group> groups() {
    List<Parameter> prototypes =
        prototypes().stream().flatMap(head -> head.parameters().stream()).toList();
    List<Parameter> learning =
        super.groups().getFirst().parameters().stream()
            .filter(parameter -> !prototypes.contains(parameter))
            .toList();
    return List.of(new Group(learning, 1));
  }
}
