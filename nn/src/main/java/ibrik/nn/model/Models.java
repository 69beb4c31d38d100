package ibrik.nn.model;

import ibrik.nn.Build;
import ibrik.nn.model.ResNet.Config;
import ibrik.nn.model.ResNet.Stem;
import java.util.List;

/// Encoders by name.
public final class Models {
  private static final List<String> NAMES =
      List.of("resnet8", "resnet20", "resnet18", "resnet34", "resnet50");

  private Models() {}

  /// The names that [#create] knows.
  public static List<String> names() {
    return NAMES;
  }

  /// Builds an encoder.
  ///
  /// @param name one of [#names()]
  /// @param channels channels of the images
  /// @param width multiplier of all channel counts, above 0
  /// @param stem first layers
  /// @param zeroLastGamma start the last norm of each residual block at 0
  /// @throws IllegalArgumentException for an unknown name or a width that is not positive
  public static Encoder create(
      Build build, String name, int channels, double width, Stem stem, boolean zeroLastGamma) {
    if (!(width > 0) || !Double.isFinite(width)) {
      throw new IllegalArgumentException("[model] width must be positive; got " + width);
    }
    Config config =
        switch (name) {
          case "resnet8" -> small(1, channels, width, stem, zeroLastGamma);
          case "resnet20" -> small(3, channels, width, stem, zeroLastGamma);
          case "resnet18" ->
              large(List.of(2, 2, 2, 2), false, channels, width, stem, zeroLastGamma);
          case "resnet34" ->
              large(List.of(3, 4, 6, 3), false, channels, width, stem, zeroLastGamma);
          case "resnet50" -> large(List.of(3, 4, 6, 3), true, channels, width, stem, zeroLastGamma);
          default ->
              throw new IllegalArgumentException(
                  "[model] unknown model '" + name + "'; known: " + NAMES);
        };
    return new ResNet(build, config);
  }

  private static Config small(
      int blocks, int channels, double width, Stem stem, boolean zeroLastGamma) {
    return new Config(
        List.of(blocks, blocks, blocks),
        List.of(scaled(16, width), scaled(32, width), scaled(64, width)),
        false,
        stem,
        channels,
        zeroLastGamma);
  }

  private static Config large(
      List<Integer> blocks,
      boolean bottleneck,
      int channels,
      double width,
      Stem stem,
      boolean zeroLastGamma) {
    return new Config(
        blocks,
        List.of(scaled(64, width), scaled(128, width), scaled(256, width), scaled(512, width)),
        bottleneck,
        stem,
        channels,
        zeroLastGamma);
  }

  private static int scaled(int channels, double width) {
    return Math.max(1, (int) Math.round(channels * width));
  }
}
