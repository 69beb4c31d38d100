package ibrik.ssl.method.supervised;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.ssl.method.Require;

/// Hyper-parameters of supervised training's own.
///
/// @param labelSmoothing share of the target spread over all classes, in `[0, 1]`
public record SupervisedConfig(
    @JsonPropertyDescription("share of the target spread over all classes, in [0, 1]")
        double labelSmoothing) {
  /// Checks the range.
  public SupervisedConfig {
    Require.share("label_smoothing", labelSmoothing);
  }
}
