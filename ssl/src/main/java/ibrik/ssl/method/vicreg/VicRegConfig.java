package ibrik.ssl.method.vicreg;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of VICReg's own.
///
/// @param projectorHidden width of the projector's two hidden layers; 8192 in the paper
/// @param projectorOut width of the embeddings; 8192 in the paper
/// @param invariance weight of the distance of the views; 25 in the paper
/// @param variance weight of the hinge on the spread, the mean of both views; 25 in the paper's
///   code; with 0 the representation collapses
/// @param covariance weight of the covariances; 1 in the paper
public record VicRegConfig(
    @JsonPropertyDescription("width of the projector's hidden layers") int projectorHidden,
    @JsonPropertyDescription("width of the embeddings") int projectorOut,
    @JsonPropertyDescription("weight of the distance of the views") double invariance,
    @JsonPropertyDescription("weight of the hinge on the spread; 0 lets it collapse")
        double variance,
    @JsonPropertyDescription("weight of the covariances") double covariance) {
  /// Checks the ranges.
  public VicRegConfig {
    Require.positive("projector_hidden", projectorHidden);
    Require.positive("projector_out", projectorOut);
    Require.notNegative("invariance", invariance);
    Require.notNegative("variance", variance);
    Require.notNegative("covariance", covariance);
  }
}
