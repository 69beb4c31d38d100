package ibrik.ssl.method.fastmoco;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes Fast-MoCo.
public final class FastMoCoFactory implements MethodFactory<FastMoCoConfig> {
  @Override
  public String name() {
    return "fast-moco";
  }

  @Override
  public String title() {
    return "Fast-MoCo";
  }

  @Override
  public String summary() {
    return "Fast-MoCo (Ci et al. 2022): pairs of patches must pick out the whole other view";
  }

  @Override
  public Class<FastMoCoConfig> configType() {
    return FastMoCoConfig.class;
  }

  /// Large images: the official code's. CIFAR: its form with ResNet-18. Tiny and grey: ours.
  @Override
  public FastMoCoConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new FastMoCoConfig(2, 2, 2048, 2048, 512, 1, 0.99, true);
      case CIFAR -> new FastMoCoConfig(2, 2, 2048, 2048, 512, 1, 0.99, true);
      case TINY, GREY -> new FastMoCoConfig(2, 2, 256, 256, 64, 0.2, 0.95, true);
    };
  }

  /// Large images: the official code's, with a smaller batch. CIFAR: the same rate with the decay
  /// that is usual there; no recipe is published. Tiny and grey: ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.sgd(0.05, 1e-4, 256, 100, 1).decayingEverything().clippingAt(1);
      case CIFAR -> Recipe.sgd(0.05, 5e-4, 256, 200, 1).decayingEverything().clippingAt(1);
      case TINY -> Recipe.sgd(0.3, 5e-4, 128, 6, 1).clippingAt(1);
      case GREY -> Recipe.sgd(0.6, 5e-4, 64, 110, 2).clippingAt(1);
    };
  }

  /// MoCo v2's, without blur for small images.
  @Override
  public List<View> views(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Views.mocoV2(0.2, 0.5);
      case CIFAR, TINY -> Views.mocoV2(0.2, 0);
      case GREY -> Views.gentle();
    };
  }

  @Override
  public boolean zeroLastGamma() {
    return true;
  }

  @Override
  public Method create(FastMoCoConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new FastMoCo(config, parts));
  }
}
