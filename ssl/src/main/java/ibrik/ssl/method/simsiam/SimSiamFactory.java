package ibrik.ssl.method.simsiam;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes SimSiam.
public final class SimSiamFactory implements MethodFactory<SimSiamConfig> {
  @Override
  public String name() {
    return "simsiam";
  }

  @Override
  public String title() {
    return "SimSiam";
  }

  @Override
  public String summary() {
    return "SimSiam (Chen and He 2021): predict the other view; a stopped gradient is enough";
  }

  @Override
  public Class<SimSiamConfig> configType() {
    return SimSiamConfig.class;
  }

  /// Large images: the paper's. CIFAR: widths of lightly's CIFAR-10 benchmark. Tiny and grey: ours.
  @Override
  public SimSiamConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new SimSiamConfig(3, 2048, 2048, 512, true, true, true);
      case CIFAR -> new SimSiamConfig(2, 2048, 2048, 512, true, true, false);
      case TINY, GREY -> new SimSiamConfig(2, 256, 256, 64, true, true, true);
    };
  }

  /// Large images: the paper's for 100 epochs, with a smaller batch. CIFAR: lightly's CIFAR-10
  /// benchmark with 128 images, SGD at 0.06. Tiny and grey: ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.sgd(0.05, 1e-4, 256, 100, 0).decayingEverything();
      case CIFAR -> Recipe.sgd(0.12, 5e-4, 128, 200, 0).decayingEverything();
      case TINY -> Recipe.sgd(0.4, 5e-4, 128, 6, 1);
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
  public boolean zeroLastGamma() {
    return true;
  }

  @Override
  public Method create(SimSiamConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new SimSiam(config, parts));
  }
}
