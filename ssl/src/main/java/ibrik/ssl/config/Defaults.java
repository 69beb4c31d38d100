package ibrik.ssl.config;

import ibrik.nn.Precision;
import ibrik.nn.model.ResNet.Stem;
import ibrik.nn.model.VisionTransformer.Position;
import ibrik.ssl.data.Split;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.MethodFactory.Images;
import ibrik.ssl.method.Preset;
import ibrik.tensor.Device;
import org.jspecify.annotations.Nullable;

/// What a run does where nobody says anything: small enough for a processor, with the method's own
/// recipe.
public final class Defaults {
  /// The data set that comes with the library, all of it.
  static final DataConfig DATA_CONFIG =
      new DataConfig("fashion", null, 0, false, 0, Split.OFFICIAL, DataConfig.BORDER);

  private static final long SEED = 0;

  private Defaults() {}

  /// A run of `method` on images of this kind, the embedded data set by name.
  public static RunConfig of(MethodFactory<?> method, Images images) {
    return of(method, null, images, DATA_CONFIG);
  }

  /// A run of `method` by a named preset; null lets the images decide.
  static RunConfig of(
      MethodFactory<?> method, @Nullable Preset named, Images images, DataConfig data) {
    Preset preset = named == null ? Preset.of(images) : named;
    return new RunConfig(
        method,
        method.defaults(preset),
        SEED,
        Device.CPU,
        Precision.F32,
        data,
        named == null ? model(images, method.zeroLastGamma()) : model(named, method, images),
        method.recipe(preset),
        method.views(preset),
        eval(images));
  }

  private static ModelConfig model(Preset preset, MethodFactory<?> method, Images images) {
    return model(preset.model(), preset.stem(), method.zeroLastGamma(), images);
  }

  /// Smaller than a preset's: nobody asked for the paper's encoder.
  private static ModelConfig model(Images images, boolean zeroLastGamma) {
    if (images.grey()) {
      // Many cheap steps teach more than few expensive ones.
      return model("resnet8", Stem.HALF, zeroLastGamma, images);
    }
    return images.small()
        ? model("resnet20", Stem.CIFAR, zeroLastGamma, images)
        : model("resnet18", Stem.IMAGENET, zeroLastGamma, images);
  }

  /// With what a transformer would need, should one be asked for by name.
  private static ModelConfig model(String name, Stem stem, boolean zeroLastGamma, Images images) {
    int patch = images.small() ? 4 : 16;
    return new ModelConfig(
        name, 1, stem, zeroLastGamma, images.height(), patch, Position.LEARNED, false, 0);
  }

  private static EvalConfig eval(Images images) {
    // Only the small default set has a ceiling: elsewhere a supervised run would take longer than
    // many would wait for without having asked.
    return new EvalConfig(20, 0.07, 10, 5000, 0.1, images.grey() ? 40 : 0, EvalConfig.Map.UMAP);
  }
}
