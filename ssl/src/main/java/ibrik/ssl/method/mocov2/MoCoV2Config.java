package ibrik.ssl.method.mocov2;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of MoCo v2's own.
///
/// @param projectorHidden hidden width of the projector; 2048 in the paper
/// @param projectorOut width of the embeddings; 128 in the paper
/// @param queue keys of earlier batches; 65,536 in the paper; a multiple of the keys of a step
/// @param temperature of the softmax; 0.2 in the paper
/// @param tau share of the key network that stays, in `[0, 1]`; 0.999 in the paper
/// @param normParts parts of the batch that norms see apart, keys shuffled; 8 devices in the paper
/// @param symmetric whether the views also change roles, which costs nearly twice the time
public record MoCoV2Config(
    @JsonPropertyDescription("hidden width of the projector") int projectorHidden,
    @JsonPropertyDescription("width of the embeddings") int projectorOut,
    @JsonPropertyDescription("keys of earlier batches; a multiple of the keys of a step") int queue,
    @JsonPropertyDescription("temperature of the softmax") double temperature,
    @JsonPropertyDescription("share of the key network that stays at each step, in [0, 1]")
        double tau,
    @JsonPropertyDescription("parts of the batch that norms see apart, keys shuffled; 1: no parts")
        int normParts,
    @JsonPropertyDescription("let both views be queries") boolean symmetric) {
  /// Checks the ranges.
  public MoCoV2Config {
    Require.positive("projector_hidden", projectorHidden);
    Require.positive("projector_out", projectorOut);
    Require.positive("queue", queue);
    Require.positive("temperature", temperature);
    Require.share("tau", tau);
    Require.positive("norm_parts", normParts);
  }
}
