package ibrik.ssl.method.twist;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes TWIST.
public final class TwistFactory implements MethodFactory<TwistConfig> {
  @Override
  public String name() {
    return "twist";
  }

  @Override
  public String title() {
    return "TWIST";
  }

  @Override
  public String summary() {
    return "TWIST (Wang et al. 2021): views agree on made-up classes, each sharp, together broad";
  }

  @Override
  public Class<TwistConfig> configType() {
    return TwistConfig.class;
  }

  /// Large images: the official code's with multi-crop. The others are ours: the official code
  /// trains on ImageNet alone.
  @Override
  public TwistConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new TwistConfig(4096, 4096, 1, 1, true, 12, 50, 0.5, 0.6);
      case CIFAR -> new TwistConfig(2048, 512, 1, 1, true, 0, 0, 0.5, 0.6);
      case TINY, GREY -> new TwistConfig(256, 64, 1, 1, true, 0, 0, 0.5, 0.6);
    };
  }

  /// Large images: the official code's, with smaller batches. The others are ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.lars(0.5, 1.5e-6, 256, 850, 10).endingAt(1e-3);
      case CIFAR -> Recipe.sgd(0.12, 5e-4, 256, 200, 10);
      case TINY -> Recipe.sgd(0.3, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(0.4, 5e-4, 64, 60, 2);
    };
  }

  @Override
  public List<View> views(Preset preset) {
    return views(defaults(preset), preset);
  }

  /// Two large crops and some small ones. Large images: the official code's. The others are ours.
  @Override
  public List<View> views(TwistConfig config, Preset preset) {
    int small = config.localCrops();
    View local = Views.byolView(0, 0).cropped(0.05, 0.4);
    return switch (preset) {
      case IMAGENET -> Views.byolCrops(0.4, local.blurred(0.5).sized(96), small);
      case CIFAR, TINY -> {
        List<View> large = Views.byolCifar().stream().map(view -> view.cropped(0.2, 1)).toList();
        yield Views.multiCrop(large, local.sized(18), small);
      }
      case GREY -> Views.gentleCrops(small);
    };
  }

  @Override
  public Method create(TwistConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new Twist(config, parts));
  }
}
