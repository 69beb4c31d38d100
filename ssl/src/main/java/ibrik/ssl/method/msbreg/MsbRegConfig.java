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
/// @param dispersion form of the singular value loss
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
        double tauBase,
    @JsonPropertyDescription("form of the singular value loss: gram (no decomposition) or explicit")
        Dispersion dispersion) {
  /// Forms of the singular value loss. Their values differ: the explicit one is smaller by about
  /// `D^2 / 2` when embeddings collapse, and wants a weight that is larger.
  public enum Dispersion {
    /// `D |Z^T Z / n|_F^2 - 1`.
    GRAM,
    /// Mean square of `s_k / sqrt(n) - 1 / sqrt(D)`.
    EXPLICIT
  }

  /// With the form that needs no decomposition.
  public MsbRegConfig(
      int projectorHidden,
      int projectorOut,
      boolean predictor,
      int predictorHidden,
      boolean headNorm,
      double singular,
      double brownian,
      double tauBase) {
    this(
        projectorHidden,
        projectorOut,
        predictor,
        predictorHidden,
        headNorm,
        singular,
        brownian,
        tauBase,
        Dispersion.GRAM);
  }

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
