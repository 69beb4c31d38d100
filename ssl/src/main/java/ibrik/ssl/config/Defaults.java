package ibrik.ssl.config;

import ibrik.nn.model.ResNet.Stem;
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
      return new ModelConfig("resnet8", 1, Stem.HALF, false);
    }
    return images.small()
        ? new ModelConfig("resnet20", 1, Stem.CIFAR, false)
        : new ModelConfig("resnet18", 1, Stem.IMAGENET, false);
  }

  private static EvalConfig eval(Images images) {
    // Only the small default set has a ceiling: elsewhere a supervised run would take longer than
    // many would wait for without having asked.
    return new EvalConfig(20, 0.07, 10, 5000, 0.1, images.grey() ? 20 : 0, EvalConfig.Map.UMAP);
  }
}
