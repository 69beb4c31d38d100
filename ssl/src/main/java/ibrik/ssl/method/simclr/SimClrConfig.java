package ibrik.ssl.method.simclr;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of SimCLR's own.
///
/// @param projectorHidden hidden width of the projector; 2048 in the paper for ResNet-50
/// @param projectorOut width of embeddings; 128 in the paper
/// @param temperature of the softmax; 0.1 for long ImageNet runs, 0.5 for CIFAR-10
public record SimClrConfig(
    @JsonPropertyDescription("hidden width of the projector") int projectorHidden,
    @JsonPropertyDescription("width of the embeddings") int projectorOut,
    @JsonPropertyDescription("temperature of the softmax") double temperature) {
  /// Checks the ranges.
  public SimClrConfig {
    Require.positive("projector_hidden", projectorHidden);
    Require.positive("projector_out", projectorOut);
    Require.positive("temperature", temperature);
  }
}
