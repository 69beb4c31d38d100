package ibrik.ssl.method.barlow;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes Barlow Twins.
public final class BarlowTwinsFactory implements MethodFactory<BarlowTwinsConfig> {
  @Override
  public String name() {
    return "barlow";
  }

  @Override
  public String title() {
    return "Barlow Twins";
  }

  @Override
  public String summary() {
    return "Barlow Twins (Zbontar et al. 2021): make the views' cross-correlation the identity";
  }

  @Override
  public Class<BarlowTwinsConfig> configType() {
    return BarlowTwinsConfig.class;
  }

  /// Large images: the official code's. CIFAR: widths and lambda of lightly's CIFAR-10 benchmark.
  /// Tiny and grey: ours.
  @Override
  public BarlowTwinsConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new BarlowTwinsConfig(3, 8192, 8192, 0.0051, 1, 0.0048 / 0.2);
      case CIFAR -> new BarlowTwinsConfig(2, 2048, 2048, 0.005, 1, 1);
      case TINY, GREY -> new BarlowTwinsConfig(2, 256, 256, 0.02, 0.1, 1);
    };
  }

  /// Large images: the paper's LARS for 1000 epochs, with smaller batches. CIFAR: lightly's
  /// CIFAR-10 benchmark, SGD with 0.06 per 128 images. Tiny and grey: ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.lars(0.2, 1e-6, 256, 1000, 10).endingAt(1e-3);
      case CIFAR -> Recipe.sgd(0.12, 5e-4, 128, 200, 0).decayingEverything();
      case TINY -> Recipe.sgd(0.2, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(0.2, 5e-4, 64, 110, 2);
    };
  }

  /// The paper's, which are BYOL's; without blur for small images.
  @Override
  public List<View> views(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Views.asymmetric(0.08, 1, 0.1);
      case CIFAR, TINY -> Views.asymmetric(0.08, 0, 0);
      case GREY -> Views.gentle();
    };
  }

  @Override
  public boolean zeroLastGamma() {
    return true;
  }

  @Override
  public Method create(BarlowTwinsConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new BarlowTwins(config, parts));
  }
}
