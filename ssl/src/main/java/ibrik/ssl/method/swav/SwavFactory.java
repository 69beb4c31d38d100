package ibrik.ssl.method.swav;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes SwAV.
public final class SwavFactory implements MethodFactory<SwavConfig> {
  @Override
  public String name() {
    return "swav";
  }

  @Override
  public String title() {
    return "SwAV";
  }

  @Override
  public String summary() {
    return "SwAV (Caron et al. 2020): views predict each other's even cluster codes, multi-crop";
  }

  @Override
  public Class<SwavConfig> configType() {
    return SwavConfig.class;
  }

  /// Large images: the official code's for batches of 256. CIFAR: solo-learn's. Tiny and grey:
  /// ours.
  @Override
  public SwavConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new SwavConfig(2048, 128, 3000, 0.1, 0.05, 3, 3840, 15, 1, 6);
      case CIFAR -> new SwavConfig(2048, 128, 3000, 0.1, 0.05, 3, 3840, 50, 2, 6);
      case TINY, GREY -> new SwavConfig(128, 64, 64, 0.1, 0.01, 3, 0, 0, 1, 2);
    };
  }

  /// Large images: the official code's for batches of 256. CIFAR: solo-learn's. Tiny and grey:
  /// ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.lars(0.6, 1e-6, 256, 200, 0).endingAt(1e-3);
      case CIFAR -> Recipe.lars(0.6, 1e-6, 256, 1000, 10).clippedLars(0.02).endingAt(1e-3);
      case TINY -> Recipe.sgd(0.5, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(0.6, 5e-4, 64, 60, 2);
    };
  }

  @Override
  public List<View> views(Preset preset) {
    return views(defaults(preset), preset);
  }

  /// Two large crops and some small ones. Large images: the official code's main setting. CIFAR and
  /// tiny: solo-learn's multi-crop configuration. Grey: ours.
  @Override
  public List<View> views(SwavConfig config, Preset preset) {
    return switch (preset) {
      case IMAGENET -> Views.swav(config.localCrops());
      case CIFAR, TINY -> Views.swavCifar(config.localCrops(), 18);
      case GREY -> Views.gentleCrops(config.localCrops());
    };
  }

  @Override
  public Method create(SwavConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new Swav(config, parts));
  }
}
