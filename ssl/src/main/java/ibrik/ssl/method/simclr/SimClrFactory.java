package ibrik.ssl.method.simclr;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes SimCLR.
public final class SimClrFactory implements MethodFactory<SimClrConfig> {
  @Override
  public String name() {
    return "simclr";
  }

  @Override
  public String summary() {
    return "SimCLR (Chen et al. 2020): views of one image attract, other images repel";
  }

  @Override
  public Class<SimClrConfig> configType() {
    return SimClrConfig.class;
  }

  @Override
  public SimClrConfig defaults(Images images) {
    if (images.grey()) {
      return new SimClrConfig(128, 64, 0.2);
    }
    return images.small() ? new SimClrConfig(512, 128, 0.5) : new SimClrConfig(2048, 128, 0.1);
  }

  @Override
  public Recipe recipe(Images images) {
    if (images.grey()) {
      return new Recipe("sgd", 0.2, 5e-4, false, 128, 30, 2);
    }
    return images.small()
        ? new Recipe("sgd", 0.12, 5e-4, true, 128, 200, 0)
        : new Recipe("lars", 0.3, 1e-6, false, 256, 100, 10);
  }

  @Override
  public List<View> views(Images images) {
    if (images.grey()) {
      return Views.gentle();
    }
    return images.small() ? Views.simclr(0.5, 0) : Views.simclr(1, 0.5);
  }

  @Override
  public Method create(SimClrConfig config, Setting setting) {
    return new SimClr(config, setting);
  }
}
