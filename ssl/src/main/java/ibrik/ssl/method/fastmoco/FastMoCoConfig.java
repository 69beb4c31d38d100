package ibrik.ssl.method.fastmoco;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of Fast-MoCo's own.
///
/// @param split patches per side of a view; 2 in the paper
/// @param combine patches whose features are averaged; 2 in the paper
/// @param projectorHidden width of the projector's two hidden layers; 2048 in the paper's code
/// @param projectorOut width of the embeddings; 2048 in the paper's code
/// @param predictorHidden hidden width of the predictor; 512 in the paper's code
/// @param temperature of the softmax; 1 in the paper's code
/// @param tau share of the target that stays, in `[0, 1]`; 0.99 in the paper's code
/// @param steadyPredictor whether the predictor's learning rate stays at its peak, as in the
///   paper's code
public record FastMoCoConfig(
    @JsonPropertyDescription("patches per side of a view") int split,
    @JsonPropertyDescription("patches whose features are averaged") int combine,
    @JsonPropertyDescription("width of the projector's hidden layers") int projectorHidden,
    @JsonPropertyDescription("width of the embeddings") int projectorOut,
    @JsonPropertyDescription("hidden width of the predictor") int predictorHidden,
    @JsonPropertyDescription("temperature of the softmax") double temperature,
    @JsonPropertyDescription("share of the target network that stays at each step, in [0, 1]")
        double tau,
    @JsonPropertyDescription("keep the predictor's learning rate at its peak")
        boolean steadyPredictor) {
  /// Checks the ranges.
  public FastMoCoConfig {
    Require.check(split >= 1 && split <= 4, "split", "between 1 and 4", split);
    Require.check(
        combine >= 1 && combine <= split * split,
        "combine",
        "between 1 and the " + split * split + " patches of a view",
        combine);
    Require.positive("projector_hidden", projectorHidden);
    Require.positive("projector_out", projectorOut);
    Require.positive("predictor_hidden", predictorHidden);
    Require.positive("temperature", temperature);
    Require.share("tau", tau);
  }
}
