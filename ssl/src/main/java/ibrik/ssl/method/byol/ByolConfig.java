package ibrik.ssl.method.byol;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of BYOL's own.
///
/// @param projectorHidden hidden width of the projector; 4096 in the paper
/// @param projectorOut width of projections; 256 in the paper
/// @param predictorHidden hidden width of the predictor; 4096 in the paper
/// @param predictor whether there is one; without it the representation collapses (table 5b)
/// @param predictorLrFactor learning rate of the predictor, times that of the rest
/// @param tauBase share of the target that stays at first, in `[0, 1]`; 0.99 for up to 300 epochs,
///   0.996 for 1000
public record ByolConfig(
    @JsonPropertyDescription("hidden width of the projector") int projectorHidden,
    @JsonPropertyDescription("width of the projections") int projectorOut,
    @JsonPropertyDescription("hidden width of the predictor") int predictorHidden,
    @JsonPropertyDescription("predict projections; without it the representation collapses")
        boolean predictor,
    @JsonPropertyDescription("learning rate of the predictor, times that of the rest")
        double predictorLrFactor,
    @JsonPropertyDescription(
            "share of the target network that stays at the first step, in [0, 1]; rises to 1")
        double tauBase) {
  /// Checks the ranges.
  public ByolConfig {
    Require.positive("projector_hidden", projectorHidden);
    Require.positive("projector_out", projectorOut);
    Require.positive("predictor_hidden", predictorHidden);
    Require.notNegative("predictor_lr_factor", predictorLrFactor);
    Require.share("tau_base", tauBase);
  }
}
