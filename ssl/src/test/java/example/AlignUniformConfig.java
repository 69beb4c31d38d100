package example;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of [AlignUniform]'s own.
///
/// @param projectorHidden hidden width of the projector
/// @param projectorOut width of the embeddings
/// @param uniformity weight of the uniformity; 1 in the paper; with 0 the representation collapses
public record AlignUniformConfig(
    @JsonPropertyDescription("hidden width of the projector") int projectorHidden,
    @JsonPropertyDescription("width of the embeddings") int projectorOut,
    @JsonPropertyDescription("weight of the uniformity; 0 lets it collapse") double uniformity) {
  /// Checks the ranges.
  public AlignUniformConfig {
    Require.positive("projector_hidden", projectorHidden);
    Require.positive("projector_out", projectorOut);
    Require.notNegative("uniformity", uniformity);
  }
}
