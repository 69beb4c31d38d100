package ibrik.ssl.method.nnclr;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes NNCLR.
public final class NnClrFactory implements MethodFactory<NnClrConfig> {
  @Override
  public String name() {
    return "nnclr";
  }

  @Override
  public String title() {
    return "NNCLR";
  }

  @Override
  public String summary() {
    return "NNCLR (Dwibedi et al. 2021): the nearest neighbour of a view is the positive of the"
        + " other";
  }

  @Override
  public Class<NnClrConfig> configType() {
    return NnClrConfig.class;
  }

  /// Large images: the paper's, as far as they are known. CIFAR: widths and queue of lightly's
  /// CIFAR-10 benchmark at temperature 0.2, solo-learn's. Tiny and grey: ours.
  @Override
  public NnClrConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new NnClrConfig(3, 2048, 256, 4096, 98_304, 0.1);
      case CIFAR -> new NnClrConfig(2, 2048, 256, 4096, 4096, 0.2);
      case TINY, GREY -> new NnClrConfig(2, 256, 64, 256, 2048, 0.2);
    };
  }

  /// Large images: LARS for 1000 epochs, with smaller batches; rate and decay are not verified.
  /// CIFAR: lightly's CIFAR-10 benchmark, SGD with 0.06 per 128 images. Tiny and grey: ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.lars(0.3, 1e-6, 256, 1000, 10);
      case CIFAR -> Recipe.sgd(0.12, 5e-4, 128, 200, 0).decayingEverything();
      case TINY -> Recipe.sgd(0.3, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(0.6, 5e-4, 64, 110, 2);
    };
  }

  /// BYOL's; without blur for small images as in solo-learn's CIFAR recipe.
  @Override
  public List<View> views(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Views.asymmetric(0.08, 1, 0.1);
      case CIFAR, TINY -> Views.asymmetric(0.08, 0, 0);
      case GREY -> Views.gentle();
    };
  }

  @Override
  public Method create(NnClrConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new NnClr(config, parts));
  }
}
