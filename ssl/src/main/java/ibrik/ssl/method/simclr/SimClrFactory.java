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
  public String title() {
    return "SimCLR";
  }

  @Override
  public String summary() {
    return "SimCLR (Chen et al. 2020): views of one image attract, other images repel";
  }

  @Override
  public Class<SimClrConfig> configType() {
    return SimClrConfig.class;
  }

  /// Grey images: ours. Small ones: widths of lightly's CIFAR-10 benchmark, temperature of the
  /// paper (appendix B.9). Large ones: the paper's.
  @Override
  public SimClrConfig defaults(Images images) {
    if (images.grey()) {
      return new SimClrConfig(128, 64, 0.2);
    }
    return images.small() ? new SimClrConfig(512, 128, 0.5) : new SimClrConfig(2048, 128, 0.1);
  }

  /// Grey images: ours. Small ones: lightly's CIFAR-10 benchmark, SGD with 0.06 per 128 images.
  /// Large ones: the paper's LARS for 100 epochs, with smaller batches.
  @Override
  public Recipe recipe(Images images) {
    if (images.grey()) {
      return Recipe.sgd(0.6, 5e-4, 64, 110, 2);
    }
    return images.small()
        ? Recipe.sgd(0.12, 5e-4, 128, 200, 0).decayingEverything()
        : Recipe.lars(0.3, 1e-6, 256, 100, 10);
  }

  /// The paper's (appendix A), with half the colour strength and without blur for small images
  /// (appendix B.9).
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
