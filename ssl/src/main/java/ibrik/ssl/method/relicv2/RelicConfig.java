package ibrik.ssl.method.relicv2;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of ReLICv2's own. Most of the paper's values are not published with code; the
/// card says which ones are sure.
///
/// @param headHidden hidden width of the head; 4096, unverified
/// @param headOut width of embeddings; 512, unverified
/// @param negatives other images that an image is told from, below the batch size; 10, unverified
/// @param temperature of the softmax; unknown, 0.2 here
/// @param contrastWeight weight of the contrastive term; 1
/// @param invarianceWeight weight of the invariance term; 1, unverified
/// @param sameCrop whether a large crop is also compared with its own target, as in the published
///   pseudo-code
/// @param tauBase share of the target that stays in the first step; rises to 1
/// @param largeCrops large views per image; 4, unverified
/// @param localCrops small views per image, which only the online network sees; 2, unverified
public record RelicConfig(
    @JsonPropertyDescription("hidden width of the head") int headHidden,
    @JsonPropertyDescription("width of the embeddings") int headOut,
    @JsonPropertyDescription("other images that each image is told from") int negatives,
    @JsonPropertyDescription("temperature of the softmax") double temperature,
    @JsonPropertyDescription("weight of the contrastive term") double contrastWeight,
    @JsonPropertyDescription("weight of the invariance term") double invarianceWeight,
    @JsonPropertyDescription("compare a large crop with its own target, too") boolean sameCrop,
    @JsonPropertyDescription("share of the target that stays at the first step; rises to 1")
        double tauBase,
    @JsonPropertyDescription("large views per image") int largeCrops,
    @JsonPropertyDescription("small views per image") int localCrops) {
  /// Checks the ranges.
  public RelicConfig {
    Require.positive("head_hidden", headHidden);
    Require.positive("head_out", headOut);
    Require.positive("negatives", negatives);
    Require.positive("temperature", temperature);
    Require.notNegative("contrast_weight", contrastWeight);
    Require.notNegative("invariance_weight", invarianceWeight);
    Require.share("tau_base", tauBase);
    Require.check(largeCrops >= 2, "large_crops", "at least 2", largeCrops);
    Require.notNegative("local_crops", localCrops);
  }
}
