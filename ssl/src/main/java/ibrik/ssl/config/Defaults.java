package ibrik.ssl.config;

import ibrik.nn.model.ResNet.Stem;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.MethodFactory.Images;
import ibrik.ssl.method.Preset;
import ibrik.tensor.Device;
import org.jspecify.annotations.Nullable;

/// What a run does where nobody says anything: small enough for a processor, with the method's own
/// recipe.
public final class Defaults {
  /// The data set that comes with the library, all of it.
  static final DataConfig DATA_CONFIG = new DataConfig("fashion", null, 0, false, 0);

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
        data,
        named == null ? model(images, method.zeroLastGamma()) : model(named, method),
        method.recipe(preset),
        method.views(preset),
        eval(images));
  }

  private static ModelConfig model(Preset preset, MethodFactory<?> method) {
    return new ModelConfig(preset.model(), 1, preset.stem(), method.zeroLastGamma());
  }

  /// Smaller than a preset's: nobody asked for the paper's encoder.
  private static ModelConfig model(Images images, boolean zeroLastGamma) {
    if (images.grey()) {
      // Many cheap steps teach more than few expensive ones.
      return new ModelConfig("resnet8", 1, Stem.HALF, zeroLastGamma);
    }
    return images.small()
        ? new ModelConfig("resnet20", 1, Stem.CIFAR, zeroLastGamma)
        : new ModelConfig("resnet18", 1, Stem.IMAGENET, zeroLastGamma);
  }

  private static EvalConfig eval(Images images) {
    // Only the small default set has a ceiling: elsewhere a supervised run would take longer than
    // many would wait for without having asked.
    return new EvalConfig(20, 0.07, 10, 5000, 0.1, images.grey() ? 40 : 0, EvalConfig.Map.UMAP);
  }
}
