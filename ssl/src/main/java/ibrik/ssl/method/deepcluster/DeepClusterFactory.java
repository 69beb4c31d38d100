package ibrik.ssl.method.deepcluster;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes DeepCluster-v2.
public final class DeepClusterFactory implements MethodFactory<DeepClusterConfig> {
  @Override
  public String name() {
    return "deepcluster-v2";
  }

  @Override
  public String title() {
    return "DeepCluster-v2";
  }

  @Override
  public String summary() {
    return "DeepCluster-v2 (Caron et al. 2020): classify views into k-means clusters of the last"
        + " epoch";
  }

  @Override
  public Class<DeepClusterConfig> configType() {
    return DeepClusterConfig.class;
  }

  /// Large images: the official code's. CIFAR: ours, with solo-learn's widths. Tiny and grey: ours.
  @Override
  public DeepClusterConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new DeepClusterConfig(2048, 128, 3000, 3, 10, 0.1, 6);
      case CIFAR -> new DeepClusterConfig(2048, 128, 3000, 3, 10, 0.1, 0);
      case TINY, GREY -> new DeepClusterConfig(128, 64, 64, 2, 10, 0.1, 0);
    };
  }

  /// Large images: SwAV's for batches of 256, for 800 epochs. CIFAR: SwAV's in solo-learn. Tiny and
  /// grey: ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.lars(0.6, 1e-6, 256, 800, 0).endingAt(1e-3);
      case CIFAR -> Recipe.lars(0.6, 1e-6, 256, 1000, 10).clippedLars(0.02).endingAt(1e-3);
      case TINY -> Recipe.sgd(0.3, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(0.4, 5e-4, 64, 60, 2);
    };
  }

  @Override
  public List<View> views(Preset preset) {
    return views(defaults(preset), preset);
  }

  /// Those of SwAV.
  @Override
  public List<View> views(DeepClusterConfig config, Preset preset) {
    return switch (preset) {
      case IMAGENET -> Views.swav(config.localCrops());
      case CIFAR, TINY -> Views.swavCifar(config.localCrops(), 18);
      case GREY -> Views.gentleCrops(config.localCrops());
    };
  }

  @Override
  public Method create(DeepClusterConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new DeepCluster(config, parts));
  }
}
