package ibrik.ssl.method.relicv2;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;
import java.util.stream.IntStream;

/// Makes ReLICv2.
public final class RelicFactory implements MethodFactory<RelicConfig> {
  /// Share of large crops without background; unverified.
  private static final double MASKED = 0.1;

  @Override
  public String name() {
    return "relicv2";
  }

  @Override
  public String title() {
    return "ReLICv2";
  }

  @Override
  public String summary() {
    return "ReLICv2 (Tomasev et al. 2022): tell images apart alike in all views, some without"
        + " background";
  }

  @Override
  public Class<RelicConfig> configType() {
    return RelicConfig.class;
  }

  /// Large images: the paper's as far as known, see the card. CIFAR: a public re-implementation's
  /// widths. Tiny and grey: ours.
  @Override
  public RelicConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new RelicConfig(4096, 512, 10, 0.2, 1, 1, false, 0.996, 4, 2);
      case CIFAR -> new RelicConfig(512, 64, 10, 0.2, 1, 1, false, 0.99, 2, 2);
      case TINY, GREY -> new RelicConfig(128, 64, 10, 0.2, 1, 1, false, 0.95, 2, 2);
    };
  }

  /// Large images: BYOL's LARS, unverified, with smaller batches. CIFAR: Adam as in a public
  /// re-implementation. Tiny and grey: ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.lars(0.3, 1.5e-6, 256, 1000, 10);
      case CIFAR ->
          new Recipe("adamw", 1e-3, 0, 0.9, false, 0, 1, false, 1e-3, false, 0, 256, 100, 0);
      case TINY -> Recipe.sgd(0.5, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(0.6, 5e-4, 64, 60, 2);
    };
  }

  @Override
  public List<View> views(Preset preset) {
    return views(defaults(preset), preset);
  }

  /// BYOL's two recipes in turn for the large crops, a tenth of them without background; small
  /// crops blurred half the time. How the paper mixes recipes over four crops is unknown.
  @Override
  public List<View> views(RelicConfig config, Preset preset) {
    int large = config.largeCrops();
    int small = config.localCrops();
    return switch (preset) {
      case IMAGENET ->
          crops(
              Views.byol().stream().map(view -> view.cropped(0.14, 1)).toList(),
              large,
              Views.byolView(0.5, 0).cropped(0.05, 0.14).sized(96),
              small);
      case CIFAR, TINY ->
          crops(Views.byolCifar(), large, Views.byolView(0, 0).cropped(0.05, 0.4).sized(18), small);
      case GREY ->
          crops(
              Views.gentle(), large, Views.gentle().getFirst().cropped(0.1, 0.4).sized(14), small);
    };
  }

  private static List<View> crops(List<View> recipes, int large, View small, int count) {
    List<View> first =
        IntStream.range(0, large)
            .mapToObj(i -> recipes.get(i % recipes.size()).masked(MASKED))
            .toList();
    return Views.multiCrop(first, small, count);
  }

  @Override
  public Method create(RelicConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new Relic(config, parts));
  }
}
