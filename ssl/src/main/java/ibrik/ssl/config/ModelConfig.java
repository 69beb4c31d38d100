package ibrik.ssl.config;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.nn.Build;
import ibrik.nn.model.Encoder;
import ibrik.nn.model.Models;
import ibrik.nn.model.ResNet.Stem;
import ibrik.nn.model.VisionTransformer.Form;
import ibrik.nn.model.VisionTransformer.Position;
import ibrik.nn.model.VisionTransformer.Start;
import ibrik.ssl.method.Require;
import java.util.function.Function;

/// The encoder of a run.
///
/// @param name one of [Models#names()]
/// @param width factor on all channel counts
/// @param stem first layers of a residual network
/// @param zeroLastGamma start the last norm of each residual block at 0
/// @param image side of the images for which a transformer makes positions, pixels
/// @param patch side of a transformer's patches, pixels
/// @param position how a transformer's patches know their place
/// @param frozenPatch never train a transformer's first map
/// @param dropPath stochastic depth of a transformer
public record ModelConfig(
    @JsonPropertyDescription("encoder; `ibrik list models` names them") String name,
    @JsonPropertyDescription("factor on all channel counts") double width,
    @JsonPropertyDescription(
            "first layers of a resnet: cifar (3x3), half (3x3 stride 2), imagenet (7x7 and max-pool)")
        Stem stem,
    @JsonPropertyDescription("start the last norm of each residual block at 0")
        boolean zeroLastGamma,
    @JsonPropertyDescription(
            "vit: side of the images for which positions are made; others interpolate them")
        int image,
    @JsonPropertyDescription("vit: side of a patch in pixels; it divides the images") int patch,
    @JsonPropertyDescription("vit: positions: learned or sincos (fixed)") Position position,
    @JsonPropertyDescription("vit: leave the map from patches to tokens at its random start")
        boolean frozenPatch,
    @JsonPropertyDescription("vit: probability of dropping the last block's branches, in [0, 1)")
        double dropPath) {
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
    if (Models.isTransformer(name)) {
      if (patch < 1 || image < 1 || image % patch != 0) {
        throw new IllegalArgumentException(
            "[config] patch must divide image; got image " + image + " and patch " + patch);
      }
      if (!(dropPath >= 0 && dropPath < 1)) {
        throw new IllegalArgumentException("[config] drop_path must be in [0, 1); got " + dropPath);
      }
    }
  }

  /// Makes encoders of this form for images with `channels` channels.
  public Function<Build, Encoder> maker(int channels) {
    if (Models.isTransformer(name)) {
      // Xavier belongs to MoCo v3, and so do the fixed positions.
      Start start = position == Position.SINCOS ? Start.XAVIER : Start.NORMAL;
      Form form = new Form(image, patch, channels, position, frozenPatch, dropPath, start);
      return build -> Models.transformer(build, name, width, form);
    }
    return build -> Models.create(build, name, channels, width, stem, zeroLastGamma);
  }
}
