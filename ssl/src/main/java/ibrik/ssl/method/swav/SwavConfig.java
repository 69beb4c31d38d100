package ibrik.ssl.method.swav;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of SwAV's own.
///
/// @param projectorHidden hidden width of the projector; 2048 in the official code
/// @param projectorOut width of embeddings; 128
/// @param prototypes number of prototypes K; 3000
/// @param temperature of the prediction; 0.1
/// @param epsilon smoothness of the codes; 0.05
/// @param iterations of Sinkhorn-Knopp; 3
/// @param queueLength embeddings of earlier batches that codes are computed with, a multiple of the
///   batch size; 0: none. 3840 with batches of 256
/// @param queueStartEpoch epoch from which on the queue is filled, from 0; it is used once full
/// @param freezeEpochs first epochs in which prototypes stand still; 1
/// @param localCrops small views per image, which predict but have no codes; 6
public record SwavConfig(
    @JsonPropertyDescription("hidden width of the projector") int projectorHidden,
    @JsonPropertyDescription("width of the embeddings") int projectorOut,
    @JsonPropertyDescription("number of prototypes") int prototypes,
    @JsonPropertyDescription("temperature of the prediction") double temperature,
    @JsonPropertyDescription("smoothness of the codes: scores are divided by it") double epsilon,
    @JsonPropertyDescription("iterations of Sinkhorn-Knopp") int iterations,
    @JsonPropertyDescription(
            "earlier embeddings that codes are computed with, a multiple of the batch; 0: none")
        int queueLength,
    @JsonPropertyDescription("epoch from which on the queue is filled, from 0") int queueStartEpoch,
    @JsonPropertyDescription("first epochs in which prototypes stand still") int freezeEpochs,
    @JsonPropertyDescription("small views per image") int localCrops) {
  /// Checks the ranges.
  public SwavConfig {
    Require.positive("projector_hidden", projectorHidden);
    Require.positive("projector_out", projectorOut);
    Require.positive("prototypes", prototypes);
    Require.positive("temperature", temperature);
    Require.positive("epsilon", epsilon);
    Require.positive("iterations", iterations);
    Require.notNegative("queue_length", queueLength);
    Require.notNegative("queue_start_epoch", queueStartEpoch);
    Require.notNegative("freeze_epochs", freezeEpochs);
    Require.notNegative("local_crops", localCrops);
  }
}
