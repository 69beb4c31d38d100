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
  public String summary() {
    return "Bootstrap Your Own Latent (Grill et al. 2020): predict a slow copy's view, no negatives";
  }

  @Override
  public Class<ByolConfig> configType() {
    return ByolConfig.class;
  }

  @Override
  public ByolConfig defaults(Images images) {
    if (images.grey()) {
      return new ByolConfig(256, 64, 256, true, 1, 0.99);
    }
    return images.small()
        ? new ByolConfig(1024, 256, 1024, true, 1, 0.99)
        : new ByolConfig(4096, 256, 4096, true, 1, 0.99);
  }

  /// Small images: SGD as in lightly's CIFAR-10 benchmark, 0.06 per 128 images; else LARS with the
  /// paper's rate for 300 epochs.
  @Override
  public Recipe recipe(Images images) {
    if (images.grey()) {
      return new Recipe("sgd", 0.2, 5e-4, false, 128, 30, 2);
    }
    return images.small()
        ? new Recipe("sgd", 0.12, 5e-4, true, 128, 200, 0)
        : new Recipe("lars", 0.3, 1e-6, false, 256, 300, 10);
  }

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
