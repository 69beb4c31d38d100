package ibrik.ssl.method.sela;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of SeLa-v2's own.
///
/// @param projectorHidden hidden width of the projector; 2048 as in SwAV
/// @param projectorOut width of embeddings; 128
/// @param prototypes clusters per head; 3000
/// @param heads labellings per epoch; 3
/// @param epsilon smoothness of the transport; 0.05 as in SwAV
/// @param iterations of Sinkhorn-Knopp over all images
/// @param temperature of the softmax; 0.1
/// @param localCrops small views per image; 4
public record SelaConfig(
    @JsonPropertyDescription("hidden width of the projector") int projectorHidden,
    @JsonPropertyDescription("width of the embeddings") int projectorOut,
    @JsonPropertyDescription("clusters per head") int prototypes,
    @JsonPropertyDescription("labellings per epoch") int heads,
    @JsonPropertyDescription("smoothness of the transport: scores are divided by it")
        double epsilon,
    @JsonPropertyDescription("iterations of Sinkhorn-Knopp over all images") int iterations,
    @JsonPropertyDescription("temperature of the softmax") double temperature,
    @JsonPropertyDescription("small views per image") int localCrops) {
  /// Checks the ranges.
  public SelaConfig {
    Require.positive("projector_hidden", projectorHidden);
    Require.positive("projector_out", projectorOut);
    Require.positive("prototypes", prototypes);
    Require.positive("heads", heads);
    Require.positive("epsilon", epsilon);
    Require.positive("iterations", iterations);
    Require.positive("temperature", temperature);
    Require.notNegative("local_crops", localCrops);
  }
}
