package ibrik.ssl.method.msbreg;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of MSBReg's own. The paper's numbers are not known to us.
///
/// @param projectorHidden hidden width of the projector
/// @param projectorOut width of the embeddings
/// @param predictor whether the online network has a predictor
/// @param predictorHidden hidden width of the predictor
/// @param headNorm whether the heads' hidden layers have batch norms; the paper's point is that the
///   two dispersive losses can do their work
/// @param singular weight of the singular value loss
/// @param brownian weight of the Brownian loss; 0.1 in a public module
/// @param tauBase share of the target that stays at first, in `[0, 1]`; rises to 1
public record MsbRegConfig(
    @JsonPropertyDescription("hidden width of the projector") int projectorHidden,
    @JsonPropertyDescription("width of the embeddings") int projectorOut,
    @JsonPropertyDescription("predict before comparing") boolean predictor,
    @JsonPropertyDescription("hidden width of the predictor") int predictorHidden,
    @JsonPropertyDescription("batch norms in the heads") boolean headNorm,
    @JsonPropertyDescription("weight of the singular value loss, the global spreading force")
        double singular,
    @JsonPropertyDescription("weight of the Brownian loss, the local spreading force")
        double brownian,
    @JsonPropertyDescription(
            "share of the target network that stays at the first step, in [0, 1]; rises to 1")
        double tauBase) {
  /// Checks the ranges.
  public MsbRegConfig {
    Require.positive("projector_hidden", projectorHidden);
    Require.positive("projector_out", projectorOut);
    Require.positive("predictor_hidden", predictorHidden);
    Require.notNegative("singular", singular);
    Require.notNegative("brownian", brownian);
    Require.share("tau_base", tauBase);
  }
}
