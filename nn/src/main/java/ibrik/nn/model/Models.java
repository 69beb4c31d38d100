package ibrik.nn.model;

import ibrik.nn.Build;
import ibrik.nn.model.ResNet.Config;
import ibrik.nn.model.ResNet.Stem;
import ibrik.nn.model.VisionTransformer.Form;
import java.util.List;

/// Encoders by name.
public final class Models {
  private static final List<String> NAMES =
      List.of(
          "resnet8",
          "resnet20",
          "resnet18",
          "resnet34",
          "resnet50",
          "vit-nano",
          "vit-tiny",
          "vit-small");

  private Models() {}

  /// The names that [#create] knows.
  public static List<String> names() {
    return NAMES;
  }

  /// Whether a name is that of a vision transformer.
  public static boolean isTransformer(String name) {
    return name.startsWith("vit-");
  }

  /// Builds a vision transformer of the named size.
  ///
  /// @param name `vit-nano` (64 numbers per token, 4 blocks, 2 heads: for tests and small images),
  ///   `vit-tiny` (192, 12, 3) or `vit-small` (384, 12, 6)
  /// @param width factor on the numbers per token, above 0; heads keep a multiple of 4
  /// @throws IllegalArgumentException for another name or a width that is not positive
  public static VisionTransformer transformer(Build build, String name, double width, Form form) {
    positive(width);
    return switch (name) {
      case "vit-nano" -> transformer(build, 64, 4, 2, width, form);
      case "vit-tiny" -> transformer(build, 192, 12, 3, width, form);
      case "vit-small" -> transformer(build, 384, 12, 6, width, form);
      default ->
          throw new IllegalArgumentException(
              "[model] '" + name + "' is no vision transformer; known: " + NAMES);
    };
  }

  private static VisionTransformer transformer(
      Build build, int dim, int depth, int heads, double width, Form form) {
    int perHead = 4 * Math.max(1, (int) Math.round(width * dim / heads / 4));
    return new VisionTransformer(
        build, new VisionTransformer.Config(perHead * heads, depth, heads, form));
  }

  private static void positive(double width) {
    if (!(width > 0) || !Double.isFinite(width)) {
      throw new IllegalArgumentException("[model] width must be positive; got " + width);
    }
  }

  /// Builds an encoder. Transformers have the plain form for images of 32 pixels and patches of 4;
  /// [#transformer] gives others.
  ///
  /// @param name one of [#names()]
  /// @param channels channels of the images
  /// @param width multiplier of all channel counts, above 0
  /// @param stem first layers of a residual network
  /// @param zeroLastGamma start the last norm of each residual block at 0
  /// @throws IllegalArgumentException for an unknown name or a width that is not positive
  public static Encoder create(
      Build build, String name, int channels, double width, Stem stem, boolean zeroLastGamma) {
    positive(width);
    if (isTransformer(name)) {
      return transformer(build, name, width, Form.of(32, 4, channels));
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
