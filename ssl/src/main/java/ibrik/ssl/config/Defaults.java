package ibrik.ssl.config;

import ibrik.nn.model.ResNet.Stem;
import ibrik.nn.model.VisionTransformer.Position;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.MethodFactory.Images;
import ibrik.tensor.Device;

/// What a run does where nobody says anything: small enough for a processor, with the method's own
/// recipe.
public final class Defaults {
  /// The data set that comes with the library, all of it.
  static final DataConfig DATA_CONFIG = new DataConfig("fashion", null, 0, false, 0);

  private static final long SEED = 0;

  private Defaults() {}

  /// A run of `method` on images of this kind, the embedded data set by name.
  public static RunConfig of(MethodFactory<?> method, Images images) {
    return of(method, images, DATA_CONFIG);
  }

  static RunConfig of(MethodFactory<?> method, Images images, DataConfig data) {
    return new RunConfig(
        method,
        method.defaults(images),
        SEED,
        Device.CPU,
        data,
        model(images),
        method.recipe(images),
        method.views(images),
        eval(images));
  }

  private static ModelConfig model(Images images) {
    if (images.grey()) {
      // Many cheap steps teach more than few expensive ones.
      return model("resnet8", Stem.HALF, images);
    }
    return images.small()
        ? model("resnet20", Stem.CIFAR, images)
        : model("resnet18", Stem.IMAGENET, images);
  }

  /// With what a transformer would need, should one be asked for by name.
  private static ModelConfig model(String name, Stem stem, Images images) {
    int patch = images.small() ? 4 : 16;
    return new ModelConfig(
        name, 1, stem, false, images.height(), patch, Position.LEARNED, false, 0);
  }

  private static EvalConfig eval(Images images) {
    // Only the small default set has a ceiling: elsewhere a supervised run would take longer than
    // many would wait for without having asked.
    return new EvalConfig(20, 0.07, 10, 5000, 0.1, images.grey() ? 20 : 0, EvalConfig.Map.UMAP);
  }
}
