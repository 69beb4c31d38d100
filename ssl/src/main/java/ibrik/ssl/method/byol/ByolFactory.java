package ibrik.ssl.method.byol;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes BYOL.
public final class ByolFactory implements MethodFactory<ByolConfig> {
  @Override
  public String name() {
    return "byol";
  }

  @Override
  public String title() {
    return "BYOL";
  }

  @Override
  public String summary() {
    return "Bootstrap Your Own Latent (Grill et al. 2020): predict a slow copy's view, no"
        + " negatives";
  }

  @Override
  public Class<ByolConfig> configType() {
    return ByolConfig.class;
  }

  /// Large images: the paper's for up to 300 epochs. CIFAR: the widths of lightly's CIFAR-10
  /// benchmark. Tiny and grey: ours.
  @Override
  public ByolConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new ByolConfig(4096, 256, 4096, true, 1, 0.99);
      case CIFAR -> new ByolConfig(1024, 256, 1024, true, 1, 0.99);
      case TINY, GREY -> new ByolConfig(512, 128, 512, true, 1, 0.95);
    };
  }

  /// Large images: LARS as in the official code for 300 epochs, with smaller batches. CIFAR:
  /// lightly's CIFAR-10 benchmark, SGD with 0.06 per 128 images and a decay of 5e-4; its loss is a
  /// quarter of this one, so that the same steps come from a quarter of its rate and four times its
  /// decay. Tiny and grey: ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.lars(0.3, 1e-6, 256, 300, 10);
      case CIFAR -> Recipe.sgd(0.03, 2e-3, 128, 200, 0).decayingEverything();
      case TINY -> Recipe.sgd(0.5, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(1.0, 5e-4, 64, 110, 2);
    };
  }

  /// The paper's (table 6), without blur for small images as in solo-learn's CIFAR recipe.
  @Override
  public List<View> views(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Views.byol();
      case CIFAR, TINY -> Views.byolCifar();
      case GREY -> Views.gentle();
    };
  }

  @Override
  public Method create(ByolConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new Byol(config, parts));
  }
}
