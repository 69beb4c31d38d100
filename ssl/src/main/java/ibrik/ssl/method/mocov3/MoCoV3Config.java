package ibrik.ssl.method.mocov3;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of MoCo v3's own.
///
/// @param projectorLayers Linears of the projector; 2 in the paper's code for ResNet-50, 3 for ViT
/// @param projectorHidden width of its hidden layers; 4096 in the paper
/// @param projectorOut width of the embeddings; 256 in the paper
/// @param predictorHidden hidden width of the predictor; 4096 in the paper
/// @param predictorNorm whether a batch norm without scale and offset ends the predictor; in the
///   paper's code for ViT, not for ResNet-50
/// @param temperature of the softmax; 1 in the paper's code for ResNet-50, 0.2 for ViT
/// @param tauBase share of the key network that stays at first, in `[0, 1]`; rises to 1; 0.99 in
///   the paper
public record MoCoV3Config(
    @JsonPropertyDescription("layers of the projector") int projectorLayers,
    @JsonPropertyDescription("width of the projector's hidden layers") int projectorHidden,
    @JsonPropertyDescription("width of the embeddings") int projectorOut,
    @JsonPropertyDescription("hidden width of the predictor") int predictorHidden,
    @JsonPropertyDescription("batch norm without scale and offset at the predictor's end")
        boolean predictorNorm,
    @JsonPropertyDescription("temperature of the softmax") double temperature,
    @JsonPropertyDescription(
            "share of the key network that stays at the first step, in [0, 1]; rises to 1")
        double tauBase) {
  /// Checks the ranges.
  public MoCoV3Config {
    Require.positive("projector_layers", projectorLayers);
    Require.positive("projector_hidden", projectorHidden);
    Require.positive("projector_out", projectorOut);
    Require.positive("predictor_hidden", predictorHidden);
    Require.positive("temperature", temperature);
    Require.share("tau_base", tauBase);
  }
}
