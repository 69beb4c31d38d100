package ibrik.ssl.method.fair;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of the fair comparison: all but the first are equal for both losses.
///
/// @param objective which loss
/// @param headHidden hidden width of projector and predictor; 4096 in the paper's code
/// @param headOut width of the embeddings; 256 in the paper's code
/// @param predictor whether the online network has a predictor
/// @param targetPredictor whether the target has a slow copy of it: the symmetric network
/// @param queue keys of earlier batches, for `moco`; 65,536 in the paper's code; a multiple of the
///   batch
/// @param temperature of the softmax, for `moco`; 0.2 in the paper's code
/// @param tauBase share of the target that stays at first, in `[0, 1]`; rises to 1; 0.99 in the
///   paper's code
public record FairConfig(
    @JsonPropertyDescription("loss: moco (with negatives) or byol (without)") Objective objective,
    @JsonPropertyDescription("hidden width of projector and predictor") int headHidden,
    @JsonPropertyDescription("width of the embeddings") int headOut,
    @JsonPropertyDescription("give the online network a predictor") boolean predictor,
    @JsonPropertyDescription("give the target a slow copy of the predictor")
        boolean targetPredictor,
    @JsonPropertyDescription("keys of earlier batches, for moco; a multiple of the batch")
        int queue,
    @JsonPropertyDescription("temperature of the softmax, for moco") double temperature,
    @JsonPropertyDescription(
            "share of the target network that stays at the first step, in [0, 1]; rises to 1")
        double tauBase) {
  /// Which loss.
  public enum Objective {
    /// InfoNCE against a queue.
    MOCO,
    /// Distance to the target, without negatives.
    BYOL
  }

  /// Checks the ranges.
  public FairConfig {
    Require.positive("head_hidden", headHidden);
    Require.positive("head_out", headOut);
    Require.check(
        predictor || !targetPredictor,
        "target_predictor",
        "false without a predictor that it could follow",
        targetPredictor);
    Require.positive("queue", queue);
    Require.positive("temperature", temperature);
    Require.share("tau_base", tauBase);
  }
}
