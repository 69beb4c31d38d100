package ibrik.ssl.method.mocov3;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes MoCo v3.
public final class MoCoV3Factory implements MethodFactory<MoCoV3Config> {
  @Override
  public String name() {
    return "mocov3";
  }

  @Override
  public String title() {
    return "MoCo v3";
  }

  @Override
  public String summary() {
    return "MoCo v3 (Chen, Xie and He 2021): pick the other view within the batch, keys from a slow"
        + " copy";
  }

  @Override
  public Class<MoCoV3Config> configType() {
    return MoCoV3Config.class;
  }

  /// Large images: the paper's for ResNet-50. CIFAR: solo-learn's. Tiny and grey: ours.
  @Override
  public MoCoV3Config defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new MoCoV3Config(2, 4096, 256, 4096, false, 1, 0.99);
      case CIFAR -> new MoCoV3Config(2, 4096, 256, 4096, false, 0.2, 0.99);
      case TINY, GREY -> new MoCoV3Config(2, 512, 128, 512, false, 0.2, 0.95);
    };
  }

  /// Large images: the paper's LARS for 100 epochs of ResNet-50, with smaller batches. CIFAR:
  /// solo-learn's, for 200 epochs instead of 1000. Tiny and grey: ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.lars(0.6, 1e-6, 256, 100, 10);
      case CIFAR -> Recipe.lars(0.3, 1e-6, 256, 200, 10).clippedLars(0.02);
      case TINY -> Recipe.sgd(0.5, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(0.6, 5e-4, 64, 110, 2);
    };
  }

  /// The paper's for ResNet-50, crops from 0.2; small images: solo-learn's, without blur.
  @Override
  public List<View> views(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Views.asymmetric(0.2, 1, 0.1);
      case CIFAR, TINY -> Views.asymmetric(0.08, 0, 0);
      case GREY -> Views.gentle();
    };
  }

  @Override
  public Method create(MoCoV3Config config, Setting setting) {
    return Parts.assemble(setting, parts -> new MoCoV3(config, parts));
  }
}
