package ibrik.ssl.method.barlow;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of Barlow Twins' own.
///
/// @param projectorLayers Linears of the projector; 3 in the paper
/// @param projectorHidden width of its hidden layers; 8192 in the paper
/// @param projectorOut width of the embeddings; 8192 in the paper
/// @param lambda weight of the redundancy; 0.005 in the paper, 0.0051 in its code
/// @param scale factor on the whole loss; 1 in the paper
/// @param biasLrFactor learning rate of biases and norms, times that of weights; 0.0048 / 0.2 in
///   the paper
public record BarlowTwinsConfig(
    @JsonPropertyDescription("layers of the projector") int projectorLayers,
    @JsonPropertyDescription("width of the projector's hidden layers") int projectorHidden,
    @JsonPropertyDescription("width of the embeddings") int projectorOut,
    @JsonPropertyDescription("weight of the redundancy of dimensions") double lambda,
    @JsonPropertyDescription("factor on the whole loss") double scale,
    @JsonPropertyDescription("learning rate of biases and norms, times that of weights")
        double biasLrFactor) {
  /// Checks the ranges.
  public BarlowTwinsConfig {
    Require.positive("projector_layers", projectorLayers);
    Require.positive("projector_hidden", projectorHidden);
    Require.positive("projector_out", projectorOut);
    Require.notNegative("lambda", lambda);
    Require.positive("scale", scale);
    Require.notNegative("bias_lr_factor", biasLrFactor);
  }
}
