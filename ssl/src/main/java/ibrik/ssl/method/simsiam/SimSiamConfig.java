package ibrik.ssl.method.simsiam;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of SimSiam's own.
///
/// @param projectorLayers Linears of the projector; 3 in the paper
/// @param projectorHidden width of its hidden layers; that of the features in the paper
/// @param projectorOut width of projections; 2048 in the paper
/// @param predictorHidden hidden width of the predictor, a bottleneck; 512 in the paper
/// @param predictor whether there is one; without it the representation collapses (table 1)
/// @param stopGradient whether targets are constants; else the representation collapses (figure 2)
/// @param steadyPredictor whether the predictor's learning rate stays at its peak (table 1)
public record SimSiamConfig(
    @JsonPropertyDescription("layers of the projector") int projectorLayers,
    @JsonPropertyDescription("width of the projector's hidden layers") int projectorHidden,
    @JsonPropertyDescription("width of the projections") int projectorOut,
    @JsonPropertyDescription("hidden width of the predictor") int predictorHidden,
    @JsonPropertyDescription("predict projections; without it the representation collapses")
        boolean predictor,
    @JsonPropertyDescription("keep gradients from targets; else the representation collapses")
        boolean stopGradient,
    @JsonPropertyDescription("keep the predictor's learning rate at its peak")
        boolean steadyPredictor) {
  /// Checks the ranges.
  public SimSiamConfig {
    Require.positive("projector_layers", projectorLayers);
    Require.positive("projector_hidden", projectorHidden);
    Require.positive("projector_out", projectorOut);
    Require.positive("predictor_hidden", predictorHidden);
  }
}
