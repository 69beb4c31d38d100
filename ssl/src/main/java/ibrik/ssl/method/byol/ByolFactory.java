package ibrik.ssl.method.byol;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
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
    return "Bootstrap Your Own Latent (Grill et al. 2020): predict a slow copy's view, no negatives";
  }

  @Override
  public Class<ByolConfig> configType() {
    return ByolConfig.class;
  }

  /// Grey images: ours. Small ones: the widths of lightly's CIFAR-10 benchmark. Large ones: the
  /// paper's for up to 300 epochs.
  @Override
  public ByolConfig defaults(Images images) {
    if (images.grey()) {
      return new ByolConfig(512, 128, 512, true, 1, 0.95);
    }
    return images.small()
        ? new ByolConfig(1024, 256, 1024, true, 1, 0.99)
        : new ByolConfig(4096, 256, 4096, true, 1, 0.99);
  }

  /// Grey images: ours. Small ones: lightly's CIFAR-10 benchmark, SGD with 0.06 per 128 images and
  /// a decay of 5e-4; its loss is a quarter of this one, so that the same steps come from a quarter
  /// of its rate and four times its decay. Large ones: LARS as in the official code for 300 epochs,
  /// with smaller batches.
  @Override
  public Recipe recipe(Images images) {
    if (images.grey()) {
      return Recipe.sgd(1.0, 5e-4, 64, 110, 2);
    }
    return images.small()
        ? Recipe.sgd(0.03, 2e-3, 128, 200, 0).decayingEverything()
        : Recipe.lars(0.3, 1e-6, 256, 300, 10);
  }

  /// The paper's (table 6), without blur for small images as in solo-learn's CIFAR recipe.
  @Override
  public List<View> views(Images images) {
    if (images.grey()) {
      return Views.gentle();
    }
    return images.small() ? Views.byolCifar() : Views.byol();
  }

  @Override
  public Method create(ByolConfig config, Setting setting) {
    return new Byol(config, setting);
  }
}
