package ibrik.ssl.config;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.nn.Build;
import ibrik.nn.model.Encoder;
import ibrik.nn.model.Models;
import ibrik.nn.model.ResNet.Stem;
import ibrik.ssl.method.Require;
import java.util.function.Function;

/// The encoder of a run.
///
/// @param name one of [Models#names()]
/// @param width factor on all channel counts
/// @param stem first layers
/// @param zeroLastGamma start the last norm of each residual block at 0
public record ModelConfig(
    @JsonPropertyDescription("encoder; `ibrik list models` names them") String name,
    @JsonPropertyDescription("factor on all channel counts") double width,
    @JsonPropertyDescription(
            "first layers: cifar (3x3), half (3x3 stride 2), imagenet (7x7 and max-pool)")
        Stem stem,
    @JsonPropertyDescription("start the last norm of each residual block at 0")
        boolean zeroLastGamma) {
  /// Checks name and width.
  public ModelConfig {
    if (!Models.names().contains(name)) {
      throw new IllegalArgumentException(
          "[config] unknown model '"
              + name
              + "'"
              + Nearest.to(name, Models.names()).map(n -> "; did you mean " + n + "?").orElse("")
              + "; known: "
              + String.join(", ", Models.names()));
    }
    Require.positive("width", width);
  }

  /// Makes encoders of this form for images with `channels` channels.
  public Function<Build, Encoder> maker(int channels) {
    return build -> Models.create(build, name, channels, width, stem, zeroLastGamma);
  }
}
