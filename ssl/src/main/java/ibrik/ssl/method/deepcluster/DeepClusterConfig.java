package ibrik.ssl.method.deepcluster;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of DeepCluster-v2's own.
///
/// @param projectorHidden hidden width of the projector; 2048 in the official code
/// @param projectorOut width of embeddings; 128
/// @param prototypes centroids per head; 3000
/// @param heads clusterings per epoch; 3
/// @param iterations of spherical k-means; 10
/// @param temperature of the softmax; 0.1
/// @param localCrops small views per image; 6
public record DeepClusterConfig(
    @JsonPropertyDescription("hidden width of the projector") int projectorHidden,
    @JsonPropertyDescription("width of the embeddings") int projectorOut,
    @JsonPropertyDescription("centroids per head") int prototypes,
    @JsonPropertyDescription("clusterings per epoch") int heads,
    @JsonPropertyDescription("iterations of spherical k-means") int iterations,
    @JsonPropertyDescription("temperature of the softmax") double temperature,
    @JsonPropertyDescription("small views per image") int localCrops) {
  /// Checks the ranges.
  public DeepClusterConfig {
    Require.positive("projector_hidden", projectorHidden);
    Require.positive("projector_out", projectorOut);
    Require.positive("prototypes", prototypes);
    Require.positive("heads", heads);
    Require.positive("iterations", iterations);
    Require.positive("temperature", temperature);
    Require.notNegative("local_crops", localCrops);
  }
}
