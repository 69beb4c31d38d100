package ibrik.ssl.method.byol;

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
    int projectorHidden,
    int projectorOut,
    int predictorHidden,
    boolean predictor,
    double predictorLrFactor,
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
