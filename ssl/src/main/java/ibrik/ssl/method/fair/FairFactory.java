package ibrik.ssl.method.fair;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import ibrik.ssl.method.fair.FairConfig.Objective;
import java.util.List;

/// Makes the pair.
public final class FairFactory implements MethodFactory<FairConfig> {
  @Override
  public String name() {
    return "fair";
  }

  @Override
  public String title() {
    return "MoCo v2+ / BYOL, fair";
  }

  @Override
  public String summary() {
    return "MoCo v2+ and BYOL with everything equal but the loss (Huang et al. 2022)";
  }

  @Override
  public Class<FairConfig> configType() {
    return FairConfig.class;
  }

  /// Large images: the official code's. CIFAR: what lightly and solo-learn use for either. Tiny and
  /// grey: ours.
  @Override
  public FairConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new FairConfig(Objective.MOCO, 4096, 256, true, false, 65_536, 0.2, 0.99);
      case CIFAR -> new FairConfig(Objective.MOCO, 2048, 256, true, false, 4096, 0.2, 0.99);
      case TINY, GREY -> new FairConfig(Objective.MOCO, 512, 128, true, false, 2048, 0.2, 0.95);
    };
  }

  /// The same for both losses. Large images: the official code's SGD for 200 epochs. CIFAR: 0.06
  /// per 128 images, as is usual there. Tiny and grey: ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.sgd(0.03, 1e-4, 256, 200, 10).decayingEverything();
      case CIFAR -> Recipe.sgd(0.12, 5e-4, 128, 200, 0).decayingEverything();
      case TINY -> Recipe.sgd(0.3, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(0.6, 5e-4, 64, 110, 2);
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
  public Method create(FairConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new Fair(config, parts));
  }
}
