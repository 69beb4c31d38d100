package ibrik.ssl.method.mocov2;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes MoCo v2.
public final class MoCoV2Factory implements MethodFactory<MoCoV2Config> {
  @Override
  public String name() {
    return "mocov2";
  }

  @Override
  public String title() {
    return "MoCo v2";
  }

  @Override
  public String summary() {
    return "MoCo v2 (Chen et al. 2020): pick the other view among a queue of older keys";
  }

  @Override
  public Class<MoCoV2Config> configType() {
    return MoCoV2Config.class;
  }

  /// Large images: the paper's. CIFAR: the authors' CIFAR-10 demo, but with the projector of
  /// lightly's benchmark. Tiny and grey: ours.
  @Override
  public MoCoV2Config defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new MoCoV2Config(2048, 128, 65_536, 0.2, 0.999, 8, false);
      case CIFAR -> new MoCoV2Config(512, 128, 4096, 0.1, 0.99, 8, false);
      case TINY, GREY -> new MoCoV2Config(256, 64, 2048, 0.2, 0.97, 4, false);
    };
  }

  /// Large images: the paper's for 200 epochs. CIFAR: the authors' demo. Tiny and grey: ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.sgd(0.03, 1e-4, 256, 200, 0).decayingEverything();
      case CIFAR -> Recipe.sgd(0.03, 5e-4, 512, 200, 0).decayingEverything();
      case TINY -> Recipe.sgd(0.3, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(0.6, 5e-4, 64, 110, 2);
    };
  }

  /// The paper's; for small images those of the demo: crops from 0.08, no blur.
  @Override
  public List<View> views(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Views.mocoV2(0.2, 0.5);
      case CIFAR, TINY -> Views.mocoV2(0.08, 0);
      case GREY -> Views.gentle();
    };
  }

  @Override
  public Method create(MoCoV2Config config, Setting setting) {
    return Parts.assemble(setting, parts -> new MoCoV2(config, parts));
  }
}
