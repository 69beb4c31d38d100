package ibrik.ssl.config;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// How features are judged, during training and at its end.
///
/// @param knnNeighbors neighbours that vote
/// @param knnTemperature of their votes
/// @param monitorEvery epochs between two looks at held-out accuracy
/// @param monitorImages most training images that such a look uses
/// @param probeLr learning rate of the online probe; 0: none
/// @param ceilingEpochs epochs of the supervised run that shows the ceiling; 0: none
/// @param map how the picture of the features is made
public record EvalConfig(
    @JsonPropertyDescription("neighbours that vote in k-NN") int knnNeighbors,
    @JsonPropertyDescription("temperature of k-NN votes") double knnTemperature,
    @JsonPropertyDescription("epochs between two looks at k-NN accuracy; 0: only at the end")
        int monitorEvery,
    @JsonPropertyDescription("most training images that such a look uses") int monitorImages,
    @JsonPropertyDescription("learning rate of the online linear probe; 0: none") double probeLr,
    @JsonPropertyDescription("epochs of a supervised run that shows the ceiling; 0: none")
        int ceilingEpochs,
    @JsonPropertyDescription("picture of the features: umap, tsne, pca or none") Map map) {
  /// Kinds of pictures.
  public enum Map {
    /// Neighbour graph laid out in the plane.
    UMAP,
    /// Exact t-SNE.
    TSNE,
    /// First two principal components.
    PCA,
    /// No picture.
    NONE
  }

  /// Checks the ranges.
  public EvalConfig {
    Require.positive("knn_neighbors", knnNeighbors);
    Require.positive("knn_temperature", knnTemperature);
    Require.notNegative("monitor_every", monitorEvery);
    Require.positive("monitor_images", monitorImages);
    Require.notNegative("probe_lr", probeLr);
    Require.notNegative("ceiling_epochs", ceilingEpochs);
  }
}
