package ibrik.ssl.method.nnclr;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of NNCLR's own.
///
/// @param projectorLayers Linears of the projector; 3 in the paper
/// @param projectorHidden width of its hidden layers; 2048 in the paper
/// @param projectorOut width of the embeddings; 256 in the paper
/// @param predictorHidden hidden width of the predictor; 4096 in the paper
/// @param queue embeddings among which neighbours are sought; 98,304 in the paper; a multiple of
///   the batch
/// @param temperature of the softmax; 0.1 in the paper
public record NnClrConfig(
    @JsonPropertyDescription("layers of the projector") int projectorLayers,
    @JsonPropertyDescription("width of the projector's hidden layers") int projectorHidden,
    @JsonPropertyDescription("width of the embeddings") int projectorOut,
    @JsonPropertyDescription("hidden width of the predictor") int predictorHidden,
    @JsonPropertyDescription("embeddings among which neighbours are sought; batches of them")
        int queue,
    @JsonPropertyDescription("temperature of the softmax") double temperature) {
  /// Checks the ranges.
  public NnClrConfig {
    Require.positive("projector_layers", projectorLayers);
    Require.positive("projector_hidden", projectorHidden);
    Require.positive("projector_out", projectorOut);
    Require.positive("predictor_hidden", predictorHidden);
    Require.positive("queue", queue);
    Require.positive("temperature", temperature);
  }
}
