package ibrik.ssl.method.sela;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes SeLa-v2.
public final class SelaFactory implements MethodFactory<SelaConfig> {
  @Override
  public String name() {
    return "sela-v2";
  }

  @Override
  public String title() {
    return "SeLa-v2";
  }

  @Override
  public String summary() {
    return "SeLa-v2 (Asano et al. 2020; Caron et al. 2020): classify views into even clusters per"
        + " epoch";
  }

  @Override
  public Class<SelaConfig> configType() {
    return SelaConfig.class;
  }

  /// Large images: the paper's where it says so. CIFAR, tiny and grey: ours.
  @Override
  public SelaConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new SelaConfig(2048, 128, 3000, 3, 0.05, 10, 0.1, 4);
      case CIFAR -> new SelaConfig(2048, 128, 512, 3, 0.05, 10, 0.1, 0);
      case TINY, GREY -> new SelaConfig(128, 64, 64, 2, 0.05, 10, 0.1, 0);
    };
  }

  /// Large images: SwAV's for batches of 256, for 400 epochs. CIFAR: SwAV's in solo-learn. Tiny and
  /// grey: ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.lars(0.6, 1e-6, 256, 400, 0).endingAt(1e-3);
      case CIFAR -> Recipe.lars(0.6, 1e-6, 256, 1000, 10).clippedLars(0.02).endingAt(1e-3);
      case TINY -> Recipe.sgd(0.3, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(0.4, 5e-4, 64, 60, 2);
    };
  }

  @Override
  public List<View> views(Preset preset) {
    return views(defaults(preset), preset);
  }

  /// Those of SwAV; on large images the crops of its ablations, which SeLa-v2 was trained with.
  @Override
  public List<View> views(SelaConfig config, Preset preset) {
    return switch (preset) {
      case IMAGENET ->
          Views.swav(config.localCrops()).stream()
              .map(view -> view.size() == 0 ? view.cropped(0.08, 1).sized(160) : view)
              .toList();
      case CIFAR, TINY -> Views.swavCifar(config.localCrops(), 18);
      case GREY -> Views.gentleCrops(config.localCrops());
    };
  }

  @Override
  public Method create(SelaConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new Sela(config, parts));
  }
}
